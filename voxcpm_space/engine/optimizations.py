"""What voxcpm does without need, left out: the samples stay the same.

Written for voxcpm 2.0.3; what is not as it was there is left as it is, with a line in the log.
"""

import inspect
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.utils import remove_weight_norm
from torch.nn.utils.weight_norm import WeightNorm
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.audiovae.audio_vae_v2 import CausalTransposeConv1d, StreamingVAEDecoder
from voxcpm.modules.locdit.local_dit_v2 import VoxCPMLocDiT
from voxcpm.modules.minicpm4.cache import StaticKVCache
from voxcpm.modules.minicpm4.model import (
    MiniCPMAttention,
    MiniCPMDecoderLayer,
    MiniCPMLongRoPE,
    MiniCPMMLP,
    MiniCPMModel,
)

from voxcpm_space.engine.cpu import kv_cache, layers, vae_decoder
from voxcpm_space.engine.cpu.linear import dynamic_int8_linear, prepack_linear
from voxcpm_space.engine.loading import ReplaceLayer

logger = logging.getLogger(__name__)

_TRANSFORMERS = {
    MiniCPMDecoderLayer: layers.LAYER_METHODS,
    MiniCPMAttention: layers.ATTENTION_METHODS,
    MiniCPMMLP: layers.MLP_METHODS,
    MiniCPMLongRoPE: layers.ROPE_METHODS,
    VoxCPMLocDiT: layers.DIT_METHODS,
    StaticKVCache: kv_cache.METHODS,
}
_DECODER = {
    StreamingVAEDecoder: vae_decoder.DECODER_METHODS,
    CausalTransposeConv1d: vae_decoder.LAYER_METHODS,
}


def cpu_optimizations(*, int8: bool) -> ReplaceLayer | None:
    """Gives what makes the transformers quicker while they are loaded; None where nothing can.

    Args:
        int8: Whether they compute with weights of 8 bits. Only their layers do, which hold nearly
            all weights: what leads into them, and the scalar quantization and stop decision
            behind them, stay exact.
    """
    if all(_has_methods(kind, methods) for kind, methods in _TRANSFORMERS.items()):
        return partial(_replace_layer, int8=int8)
    logger.warning("voxcpm's transformers are not the known ones: on a CPU takes are slower")
    return None


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
        return layers.RotaryEmbedding(module)
    if type(module) is MiniCPMModel and module.kv_cache is not None:
        module.kv_cache.__class__ = kv_cache.GrowingKVCache
    if type(module) is VoxCPMLocDiT:
        times = module.time_embeddings
        module.time_mlp = layers.TimestepEmbeddingCache(times, module.time_mlp)
        module.delta_time_mlp = layers.TimestepEmbeddingCache(times, module.delta_time_mlp)
        module.time_embeddings = nn.Identity()
    return module


def _has_methods(kind: type, methods: Mapping[str, list[str]]) -> bool:
    """Whether a class has these methods, with these parameters and no others."""
    return all(
        list(inspect.signature(getattr(kind, name)).parameters) == ["self", *parameters]
        for name, parameters in methods.items()
    )


def _fold_weight_norm(vae: nn.Module) -> None:
    """Multiplies the AudioVAE's weights by their norms now, instead of before every use."""
    for module in vae.modules():
        if any(isinstance(hook, WeightNorm) for hook in module._forward_pre_hooks.values()):  # noqa: SLF001
            remove_weight_norm(module)


def _optimize_decoder(vae: Any) -> None:
    if type(vae.streaming_decode()) is not StreamingVAEDecoder or not all(
        _has_methods(kind, methods) for kind, methods in _DECODER.items()
    ):
        logger.warning("voxcpm's decoder is not the one that can be quickened: takes are slower")
        return
    for module in vae.decoder.modules():
        if type(module) is CausalTransposeConv1d and module.groups == 1:
            module.__class__ = vae_decoder.MatmulTransposedConv
            module.take_over()
    vae.streaming_decode = partial(vae_decoder.MatmulStreamingDecoder, vae)
