"""What voxcpm does on a CPU without need, left out: the samples stay the same.

Written for voxcpm 2.0.3; what is not as it was there is left as it is, with a line in the log.
"""

import inspect
import logging
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  (as everywhere)
from torch import Tensor, nn
from torch.nn.utils import remove_weight_norm
from torch.nn.utils.weight_norm import WeightNorm
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.audiovae.audio_vae_v2 import StreamingVAEDecoder
from voxcpm.modules.minicpm4.cache import StaticKVCache

logger = logging.getLogger(__name__)

_CACHE = {
    "get_layer_cache": ["self", "layer_idx"],
    "fill_caches": ["self", "kv_caches"],
    "step": ["self"],
}
_DECODER = {
    "_patch_transpose_conv": ["self", "mod", "ctx", "trim"],
    "decode_chunk": ["self", "z_chunk"],
}
_SMALL = 20_480
"""Numbers of input up to which torch computes a transposed convolution of one sample slowly."""


def leave_out_what_is_needless(model: VoxCPM2Model) -> None:
    """Changes a loaded model in place; what it computes stays the same.

    On a CPU the same but for the order in which float32 numbers are added up: see the tests.
    """
    _fold_weight_norm(model.audio_vae)
    if model.device == "cpu":
        _attend_to_what_is_there(model.base_lm)
        _attend_to_what_is_there(model.residual_lm)
        _decode_quickly(model.audio_vae)


def _fold_weight_norm(vae: nn.Module) -> None:
    """Multiplies the AudioVAE's weights by their norms now, instead of before every use."""
    for module in vae.modules():
        if any(isinstance(hook, WeightNorm) for hook in module._forward_pre_hooks.values()):  # noqa: SLF001
            remove_weight_norm(module)


def _attend_to_what_is_there(lm: nn.Module) -> None:
    """Lets a language model look at the positions that it has come to, not at all that fit in.

    CUDA graphs want tensors whose shapes stay the same; a CPU looks at 8192 positions for as long
    as it computes all the rest.
    """
    cache = lm.kv_cache
    if type(cache) is StaticKVCache and _has_methods(StaticKVCache, _CACHE):
        cache.__class__ = _GrowingKVCache
    else:
        logger.warning("voxcpm's cache is not the one that can be shortened: takes are slower")


def _decode_quickly(vae: Any) -> None:
    """Lets the AudioVAE multiply matrices where torch has only a slow transposed convolution."""
    if type(vae.streaming_decode()) is StreamingVAEDecoder and _has_methods(
        StreamingVAEDecoder, _DECODER
    ):
        vae.streaming_decode = partial(_QuickDecoder, vae)
    else:
        logger.warning("voxcpm's decoder is not the one that can be quickened: takes are slower")


def _has_methods(kind: type, methods: dict[str, list[str]]) -> bool:
    return all(
        list(inspect.signature(getattr(kind, name)).parameters) == parameters
        for name, parameters in methods.items()
    )


class _GrowingKVCache(StaticKVCache):  # type: ignore[misc]  # voxcpm is untyped
    """Shows the positions that are filled, of which voxcpm fills the last one itself."""

    def get_layer_cache(self, layer_idx: int) -> tuple[Tensor, Tensor]:
        keys, values = super().get_layer_cache(layer_idx)
        return keys[:, :, : self.current_length], values[:, :, : self.current_length]

    def fill_caches(self, kv_caches: list[tuple[Tensor, Tensor]]) -> None:
        """Clears nothing, since nothing of an earlier take is shown."""
        self.current_length = kv_caches[0][0].size(2)
        for layer, (keys, values) in enumerate(kv_caches):
            self.kv_cache[0, layer, :, :, : self.current_length] = keys
            self.kv_cache[1, layer, :, :, : self.current_length] = values


class _QuickDecoder(StreamingVAEDecoder):  # type: ignore[misc]  # voxcpm is untyped
    """Differs in how it computes the transposed convolutions of small inputs."""

    def _patch_transpose_conv(self, mod: nn.ConvTranspose1d, ctx: int, trim: int) -> None:
        """Replaces the layer's forward until the decoder ends.

        Args:
            mod: The layer.
            ctx: How many of the latest inputs it needs for the next ones.
            trim: Samples at the end of its output that it does not give.
        """
        self._originals.append((mod, mod.forward))
        mod.forward = partial(self._transposed, mod, ctx, trim)  # type: ignore[method-assign]

    def _transposed(self, layer: nn.ConvTranspose1d, ctx: int, trim: int, x: Tensor) -> Tensor:
        before = self._states.get(id(layer))
        padded = F.pad(x, (ctx, 0)) if before is None else torch.cat([before, x], dim=-1)
        self._states[id(layer)] = x[:, :, -ctx:]
        if padded.numel() <= _SMALL and layer.groups == 1:
            made = _by_matrices(layer, padded)
        else:
            made = nn.ConvTranspose1d.forward(layer, padded)
        return made[..., ctx * layer.stride[0] : made.size(-1) - trim]


def _by_matrices(layer: nn.ConvTranspose1d, x: Tensor) -> Tensor:
    """Multiplies each input by all that it adds to the output, and adds up what overlaps."""
    channels, width = layer.weight.shape[1:]
    stride = layer.stride[0]
    made = F.linear(x.transpose(1, 2), _as_matrix(layer)).transpose(1, 2)
    length = (x.size(-1) - 1) * stride + width
    summed = F.fold(made, (1, length), (1, width), stride=(1, stride)).view(-1, channels, length)
    return summed if layer.bias is None else summed + layer.bias[:, None]


def _as_matrix(layer: nn.ConvTranspose1d) -> Tensor:
    """The weights with their inputs last, in which order they stay: there is no second copy."""
    if not layer.weight.permute(1, 2, 0).is_contiguous():
        layer.weight.data = layer.weight.permute(1, 2, 0).contiguous().permute(2, 0, 1)
    return layer.weight.permute(1, 2, 0).flatten(0, 1)
