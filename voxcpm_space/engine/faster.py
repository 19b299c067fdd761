"""What voxcpm computes again and again although it does not change, computed once.

Written for voxcpm 2.0.3; what is not as it was there is left as it is, with a line in the log.
"""

import inspect
import logging

from torch import Tensor, nn
from torch.nn.utils import remove_weight_norm
from torch.nn.utils.weight_norm import WeightNorm
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.minicpm4.cache import StaticKVCache

logger = logging.getLogger(__name__)

_CACHE_METHODS = {
    "get_layer_cache": ["self", "layer_idx"],
    "fill_caches": ["self", "kv_caches"],
    "step": ["self"],
}


def do_nothing_twice(model: VoxCPM2Model) -> None:
    """Changes a loaded model in place; what it computes stays the same.

    On a CPU the same but for the order in which float32 numbers are added up: see the tests.
    """
    _fold_weight_norm(model.audio_vae)
    if model.device == "cpu":
        _attend_to_what_is_there(model.base_lm)
        _attend_to_what_is_there(model.residual_lm)


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
    known = type(cache) is StaticKVCache and all(
        list(inspect.signature(getattr(StaticKVCache, name)).parameters) == parameters
        for name, parameters in _CACHE_METHODS.items()
    )
    if known:
        cache.__class__ = _GrowingKVCache
    else:
        logger.warning("voxcpm's cache is not the one that can be shortened: takes are slower")


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
