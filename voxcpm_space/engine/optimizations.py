"""What voxcpm does without need, left out: the samples stay the same.

Written for voxcpm 2.0.3; what is not as it was there is left as it is, with a line in the log.
"""

import logging
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.utils import remove_weight_norm
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.audiovae.audio_vae_v2 import CausalTransposeConv1d
from voxcpm.modules.locdit.local_dit_v2 import VoxCPMLocDiT
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer, MiniCPMLongRoPE, MiniCPMModel

from voxcpm_space.compat.voxcpm import DECODER, TRANSFORMERS, changed, stream_through, turn_into
from voxcpm_space.engine.cpu import layers, vae_decoder
from voxcpm_space.engine.cpu.linear import dynamic_int8_linear, prepack_linear
from voxcpm_space.engine.kv_cache import GrowingKVCache
from voxcpm_space.engine.loading import ReplaceLayer
from voxcpm_space.engine.rotary_embedding import RotaryEmbedding

logger = logging.getLogger(__name__)


def cpu_optimizations(*, int8: bool) -> ReplaceLayer | None:
    """Gives what makes the transformers quicker while they are loaded; None where nothing can.

    Args:
        int8: Whether they compute with weights of 8 bits. Only their layers do, which hold nearly
            all weights: what leads into them, and the scalar quantization and stop decision
            behind them, stay exact.
    """
    if names := changed(TRANSFORMERS):
        logger.warning(
            "voxcpm's transformers are not the known ones (%s): on a CPU generation is slower%s",
            ", ".join(names),
            ", and weights stay as they are, not of 8 bits" if int8 else "",
        )
        return None
    return partial(_replace_layer, int8=int8)


def optimize_vae(model: VoxCPM2Model) -> None:
    """Changes a loaded model in place; what it computes stays the same.

    On a CPU the same but for the order in which float32 numbers are added up: see the tests.
    """
    _fold_weight_norm(model.audio_vae)
    if model.device == "cpu":
        _optimize_decoder(model.audio_vae)


@torch.no_grad()
def _replace_layer(module: Any, *, int8: bool) -> Any:
    if type(module) is MiniCPMDecoderLayer:
        return layers.FusedDecoderLayer(module, dynamic_int8_linear if int8 else prepack_linear)
    if type(module) is MiniCPMLongRoPE:
        return RotaryEmbedding(module)
    if type(module) is MiniCPMModel and module.kv_cache is not None:
        module.kv_cache = GrowingKVCache(module.kv_cache)
    if type(module) is VoxCPMLocDiT:
        times = module.time_embeddings
        module.time_mlp = layers.TimestepEmbeddingCache(times, module.time_mlp)
        module.delta_time_mlp = layers.TimestepEmbeddingCache(times, module.delta_time_mlp)
        module.time_embeddings = nn.Identity()
    return module


def _fold_weight_norm(vae: nn.Module) -> None:
    """Multiplies the AudioVAE's weights by their norms now, instead of before every use."""
    for module in vae.modules():
        with suppress(ValueError):  # it has none
            remove_weight_norm(module)


def _optimize_decoder(vae: Any) -> None:
    if names := changed(DECODER):
        logger.warning(
            "voxcpm's decoder is not the one that can be quickened (%s): generation is slower",
            ", ".join(names),
        )
        return
    for module in vae.decoder.modules():
        if type(module) is CausalTransposeConv1d and module.groups == 1:
            turn_into(module, vae_decoder.MatmulTransposedConv)
            module.take_over()
    stream_through(vae, partial(vae_decoder.MatmulStreamingDecoder, vae))
