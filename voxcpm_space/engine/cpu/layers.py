"""voxcpm's transformers in fewer and larger operations.

As they come, each layer has a matrix of its own for queries, keys, values, gate and up, though
their rows are the same, and forty small operations between them: with weights of 8 bits, these
took a third of the time.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  (as everywhere)
from torch import Tensor, nn
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer

from voxcpm_space.compat.torch import PackedLinear
from voxcpm_space.engine.kv_cache import KeysValues
from voxcpm_space.engine.lora import LoRAUpdates
from voxcpm_space.engine.rotary_embedding import Positions

_CACHED_TIMESTEPS = 256
"""The steps of a few requests; a patch has the same ones as the patch before."""


class FusedDecoderLayer(nn.Module):
    """Stands in for a MiniCPMDecoderLayer, beside a `RotaryEmbedding` and a `GrowingKVCache`."""

    def __init__(self, layer: MiniCPMDecoderLayer, pack: Callable[[Tensor], PackedLinear]) -> None:
        """Takes over the weights of a layer.

        Args:
            layer: What it stands in for.
            pack: Prepares a weight for multiplying.
        """
        super().__init__()
        attention, mlp = layer.self_attn, layer.mlp
        self._num_heads, self._num_kv_heads = attention.num_heads, attention.num_key_value_heads
        self._head_dim = attention.head_dim
        self._scale = layer.scale_depth / math.sqrt(layer.num_hidden_layers) if layer.use_mup else 1
        self._input_layernorm = layer.input_layernorm
        self._post_attention_layernorm = layer.post_attention_layernorm
        qkv = attention.q_proj, attention.k_proj, attention.v_proj
        self._qkv_proj = _packed(pack, *qkv)
        self._o_proj = _packed(pack, attention.o_proj)
        self._gate_up_proj = _packed(pack, mlp.gate_proj, mlp.up_proj)
        self._down_proj = _packed(pack, mlp.down_proj)

    def forward(
        self,
        hidden: Tensor,
        positions: Positions | None,
        is_causal: bool,  # noqa: FBT001
    ) -> tuple[Tensor, KeysValues]:
        """Takes all positions at once, shape (batch, positions, width), and gives as many."""
        queries, keys, values = self._heads(hidden, positions)
        attended = _attention(queries, keys, values, is_causal=is_causal)
        return self._residual(hidden, attended), (keys, values)

    def forward_step(
        self, hidden: Tensor, positions: Positions | None, _position: Tensor, cache: KeysValues
    ) -> Tensor:
        """Takes the position after those in the cache, shape (batch, width), and fills it in."""
        hidden = hidden[:, None]
        queries, *new = self._heads(hidden, positions)
        for cached, last in zip(cache, new, strict=True):
            cached[:, :, -1:] = last
        return self._residual(hidden, _attention(queries, *cache, is_causal=False))[:, 0]

    def _heads(self, hidden: Tensor, positions: Positions | None) -> list[Tensor]:
        """Gives queries, keys and values, each (batch, heads, positions, channels)."""
        qkv = self._qkv_proj(self._input_layernorm(hidden))
        heads = qkv.view(*hidden.shape[:2], -1, self._head_dim)
        rotated, values = heads[:, :, : -self._num_kv_heads], heads[:, :, -self._num_kv_heads :]
        if positions is not None:
            rotated = apply_rotary_emb(rotated, *positions)
        queries, keys = rotated[:, :, : self._num_heads], rotated[:, :, self._num_heads :]
        return [heads.transpose(1, 2) for heads in (queries, keys, values)]

    def _residual(self, hidden: Tensor, attended: Tensor) -> Tensor:
        output = self._o_proj(attended.transpose(1, 2).flatten(2))
        hidden = torch.add(hidden, output, alpha=self._scale)
        gate, up = self._gate_up_proj(self._post_attention_layernorm(hidden)).chunk(2, dim=-1)
        return torch.add(hidden, self._down_proj(F.silu(gate) * up), alpha=self._scale)


class TimestepEmbeddingCache(nn.Module):
    """Stands in for the LocDiT's embedding of times, which are the same for every patch."""

    def __init__(self, embedding: nn.Module, mlp: nn.Module) -> None:
        """Puts the two together: the MLP is fed what the embedding gives."""
        super().__init__()
        self._embedding, self._mlp = embedding, mlp
        self._embed = lru_cache(_CACHED_TIMESTEPS)(self._embedded)

    def forward(self, times: Tensor) -> Tensor:
        """Takes a time for each of a batch, and gives shape (batch, width)."""
        return self._embed(tuple(times.tolist()), times.dtype)

    def _embedded(self, times: tuple[float, ...], dtype: torch.dtype) -> Tensor:
        embedded: Tensor = self._mlp(self._embedding(torch.tensor(times, dtype=dtype)).to(dtype))
        return embedded


def _packed(pack: Callable[[Tensor], PackedLinear], *layers: Any) -> PackedLinear:
    """Multiplies by the weights of layers that take the same inputs, their LoRAs included."""
    multiply = pack(torch.cat([layer.weight for layer in layers]))
    updates = LoRAUpdates(*layers)
    if not updates:
        return multiply
    return lambda rows: updates.add_to(multiply(rows), rows)


def _attention(queries: Tensor, keys: Tensor, values: Tensor, *, is_causal: bool) -> Tensor:
    return F.scaled_dot_product_attention(
        queries, keys, values, is_causal=is_causal, enable_gqa=True
    )


def apply_rotary_emb(heads: Tensor, cos: Tensor, signed_sin: Tensor) -> Tensor:
    """Turns heads, shape (batch, positions, heads, channels), by their positions."""
    exact = heads.float()
    halves_swapped = exact.roll(exact.size(-1) // 2, dims=-1)
    rotated = torch.addcmul(exact * cos, halves_swapped, signed_sin)
    return rotated.to(heads.dtype)
