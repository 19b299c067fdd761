"""The keys and values that voxcpm's language models keep, as many as there are."""

from torch import Tensor
from voxcpm.modules.minicpm4.cache import StaticKVCache

KeysValues = tuple[Tensor, Tensor]
"""Each with shape (batch, heads, positions, channels)."""


class GrowingKVCache(StaticKVCache):  # type: ignore[misc]  # voxcpm is untyped
    """Shows the positions that the request has come to; the layers fill the last one.

    CUDA graphs want tensors whose shapes stay the same; a CPU looks at 8192 positions for as long
    as it computes all the rest.
    """

    def __init__(self, cache: StaticKVCache) -> None:
        """Takes over the memory of a cache."""
        self.max_length, self.num_layers = cache.max_length, cache.num_layers
        self.kv_cache, self.current_length = cache.kv_cache, cache.current_length

    def get_layer_cache(self, layer_idx: int) -> KeysValues:
        """Gives keys and values of a layer, each with shape (1, heads, positions, channels)."""
        keys, values = super().get_layer_cache(layer_idx)
        return keys[:, :, : self.current_length], values[:, :, : self.current_length]

    def fill_caches(self, kv_caches: list[KeysValues]) -> None:
        """Clears nothing, since nothing of an earlier request is shown."""
        self.current_length = kv_caches[0][0].size(2)
        for layer, (keys, values) in enumerate(kv_caches):
            self.kv_cache[0, layer, :, :, : self.current_length] = keys
            self.kv_cache[1, layer, :, :, : self.current_length] = values
