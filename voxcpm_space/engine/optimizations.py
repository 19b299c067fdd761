"""What voxcpm does without need, left out: the samples stay the same.

Written for voxcpm 2.0.3; what is not as it was there is left as it is, with a line in the log.
"""

import logging
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import remove_weight_norm
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.audiovae.audio_vae_v2 import CausalTransposeConv1d, Snake1d
from voxcpm.modules.locdit.local_dit_v2 import VoxCPMLocDiT
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer, MiniCPMLongRoPE, MiniCPMModel

from voxcpm_space.compat.torch import PackedLinear
from voxcpm_space.compat.voxcpm import DECODER, TRANSFORMERS, changed, stream_through, turn_into
from voxcpm_space.engine.cpu import layers, vae_decoder
from voxcpm_space.engine.cpu.linear import (
    dynamic_int8_linear,
    prepack_int8,
    prepack_linear,
    quantize,
)
from voxcpm_space.engine.cpu.weights_cache import WeightsCache
from voxcpm_space.engine.kv_cache import GrowingKVCache
from voxcpm_space.engine.rotary_embedding import RotaryEmbedding

logger = logging.getLogger(__name__)


class CPUOptimizations:
    """Replaces modules of the transformers, which are loaded or whose weights are cached."""

    def __init__(self, *, int8: bool, cache: WeightsCache | None) -> None:
        """Takes what `cpu_optimizations` takes."""
        self._int8, self._cache = int8, cache if int8 else None
        self._cached: dict[str, list[Tensor]] = {}

    def has_matrices(self, layer: str) -> bool:
        """Whether the matrices of a layer are cached, so that they need not be loaded."""
        weights = self._cache.read(layer) if self._cache else None
        if weights:
            self._cached[layer] = weights
        return bool(weights)

    @torch.no_grad()
    def __call__(self, name: str, module: Any) -> Any:
        """Takes a module, whose parts were replaced, and gives what takes its place."""
        if type(module) is MiniCPMDecoderLayer:
            return self._fused(name, module)
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

    def _fused(self, name: str, layer: MiniCPMDecoderLayer) -> nn.Module:
        if not self._int8:
            return layers.FusedDecoderLayer(layer, prepack_linear)
        if cached := self._cached.pop(name, None):
            remaining = iter(cached)
            return layers.FusedDecoderLayer(layer, lambda _: prepack_int8(next(remaining)))
        if self._cache is None:
            return layers.FusedDecoderLayer(layer, dynamic_int8_linear)
        weights: list[Tensor] = []

        def pack(weight: Tensor) -> PackedLinear:
            weights.append(quantize(weight))
            return prepack_int8(weights[-1])

        fused = layers.FusedDecoderLayer(layer, pack)
        self._cache.write(name, weights)
        return fused


def cpu_optimizations(*, int8: bool, cache: WeightsCache | None = None) -> CPUOptimizations | None:
    """Gives what makes the transformers quicker while they are loaded; None where nothing can.

    Args:
        int8: Whether they compute with weights of 8 bits. Only their layers do, which hold nearly
            all weights: what leads into them, and the scalar quantization and stop decision
            behind them, stay exact.
        cache: Where these weights are kept for the next time.
    """
    if names := changed(TRANSFORMERS):
        logger.warning(
            "voxcpm's transformers are not the known ones (%s): on a CPU generation is slower%s",
            ", ".join(names),
            ", and weights stay as they are, not of 8 bits" if int8 else "",
        )
        return None
    return CPUOptimizations(int8=int8, cache=cache)


def optimize_vae(model: VoxCPM2Model) -> None:
    """Changes a loaded model in place; what it computes stays the same.

    On a CPU the same but for the order in which float32 numbers are added up: see the tests.
    """
    _fold_weight_norm(model.audio_vae)
    if model.device == "cpu":
        _optimize_decoder(model.audio_vae)


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
        if type(module) is CausalTransposeConv1d and vae_decoder.is_matrix(module):
            turn_into(module, vae_decoder.MatmulTransposedConv)
            module.take_over()
        elif type(module) is Snake1d:
            turn_into(module, vae_decoder.InPlaceSnake)
            module.take_over()
    stream_through(vae, partial(vae_decoder.MatmulStreamingDecoder, vae))
