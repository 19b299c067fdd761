"""voxcpm's transformer layers in a third of the kernels.

A patch of VoxCPM2 is some 150 layers of few rows each: what takes time is to launch their kernels,
not what these compute. As they come, a layer is about forty.
"""

import math
from collections.abc import Callable
from typing import TypeAlias

import torch
import torch.nn.functional as F  # noqa: N812  (as everywhere)
from torch import Tensor, nn
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer, MiniCPMLongRoPE, MiniCPMRMSNorm

Positions = tuple[Tensor, Tensor]
"""Cosines and signed sines, float32, each with shape (positions, 1, channels of a head)."""
KeysValues = tuple[Tensor, Tensor]
"""Each with shape (batch, heads, positions, channels)."""
Rows: TypeAlias = Callable[[Tensor], Tensor]
"""Takes rows, shape (rows, width), and gives as many."""


def normed(norm: MiniCPMRMSNorm, hidden: Tensor) -> Tensor:
    """As the norm's own `forward`, in one kernel instead of eight."""
    return F.rms_norm(hidden, hidden.shape[-1:], norm.weight, norm.variance_epsilon)


def gated_by_halves(gate_up: Tensor) -> Tensor:
    """Multiplies SiLU of the first half of each row by the second half."""
    gate, up = gate_up.chunk(2, dim=-1)
    return F.silu(gate) * up


class FusedLayer(nn.Module):
    """Stands in for a MiniCPMDecoderLayer, beside a `RotaryTable` and a cache that grows.

    In float32 it differs by the order of adding; in bfloat16 the residual is added before the
    product is rounded, and a norm is rounded once instead of twice.

    Attributes:
        query_heads, kv_heads: How many it has.
        channels: Of each head.
    """

    def __init__(self, layer: MiniCPMDecoderLayer) -> None:
        """Takes over the weights of a layer."""
        super().__init__()
        attention, mlp = layer.self_attn, layer.mlp
        self.query_heads, self.kv_heads = attention.num_heads, attention.num_key_value_heads
        self.channels = attention.head_dim
        self._scale = layer.scale_depth / math.sqrt(layer.num_hidden_layers) if layer.use_mup else 1
        self._input_norm, self._mlp_norm = layer.input_layernorm, layer.post_attention_layernorm
        projections = attention.q_proj, attention.k_proj, attention.v_proj
        self._qkv_weight = _together(*(projection.weight for projection in projections))
        self._out_weight = attention.o_proj.weight
        self._gate_up_weight = _together(mlp.gate_proj.weight, mlp.up_proj.weight)
        self._down_weight = mlp.down_proj.weight

    def forward(
        self,
        hidden: Tensor,
        positions: Positions | None,
        is_causal: bool,  # noqa: FBT001
    ) -> tuple[Tensor, KeysValues]:
        """Takes all positions at once, shape (batch, positions, width), and gives as many."""
        kept: list[KeysValues] = []

        def attend(qkv: Tensor) -> Tensor:
            queries, keys, values = self._heads(qkv.view(*hidden.shape[:2], -1), positions)
            kept.append((keys, values))
            attended = F.scaled_dot_product_attention(
                queries, keys, values, is_causal=is_causal, enable_gqa=True
            )
            return attended.transpose(1, 2).reshape(len(qkv), -1)

        rows = hidden.flatten(0, 1).clone()
        self.answer(rows, attend)
        return rows.view(hidden.shape), kept[0]

    def forward_step(
        self, hidden: Tensor, positions: Positions | None, _position: Tensor, cache: KeysValues
    ) -> Tensor:
        """Takes the last position of a cache, shape (batch, width), and fills it in."""

        def attend(qkv: Tensor) -> Tensor:
            queries, *new = self._heads(qkv[:, None], positions)
            for cached, last in zip(cache, new, strict=True):
                cached[:, :, -1:] = last
            return F.scaled_dot_product_attention(queries, *cache, enable_gqa=True).flatten(1)

        rows = hidden.clone()
        self.answer(rows, attend)
        return rows

    def answer(self, rows: Tensor, attend: Rows, gated: Rows = gated_by_halves) -> None:
        """Adds to `rows`, shape (rows, width), what attention and MLP answer.

        Args:
            rows: Changed in place.
            attend: Turns queries, keys and values of each row, as many as the layer has heads of
                each, into what the row hears.
            gated: Computes the MLP's product.
        """
        qkv = F.linear(normed(self._input_norm, rows), self._qkv_weight)
        rows.addmm_(attend(qkv), self._out_weight.t(), alpha=self._scale)
        gate_up = F.linear(normed(self._mlp_norm, rows), self._gate_up_weight)
        rows.addmm_(gated(gate_up), self._down_weight.t(), alpha=self._scale)

    def _heads(self, qkv: Tensor, positions: Positions | None) -> tuple[Tensor, Tensor, Tensor]:
        """Gives queries, keys and values, each (batch, heads, positions, channels)."""
        heads = qkv.view(*qkv.shape[:2], -1, self.channels)
        if positions is not None:
            _rotate(heads[:, :, : -self.kv_heads], *positions)
        counts = [self.query_heads, self.kv_heads, self.kv_heads]
        queries, keys, values = torch.split(heads.transpose(1, 2), counts, dim=1)
        return queries, keys, values


class RotaryTable(nn.Module):
    """Stands in for a MiniCPMLongRoPE; the sines of what is negated are negated here."""

    def __init__(self, rope: MiniCPMLongRoPE) -> None:
        """Takes over its tables."""
        super().__init__()
        first, second = rope.sin_cached.float().chunk(2, dim=-1)
        self._cos = nn.Buffer(rope.cos_cached.float()[:, None], persistent=False)
        signed = torch.cat([-first, second], dim=-1)
        self._signed_sin = nn.Buffer(signed[:, None], persistent=False)

    @property
    def tables(self) -> Positions:
        """What turns queries and keys at all positions."""
        return self._cos, self._signed_sin

    def forward(self, positions: Tensor) -> Positions:
        """Takes numbers of positions, and gives what turns queries and keys there."""
        return self._cos[positions], self._signed_sin[positions]


def _together(*weights: Tensor) -> nn.Parameter:
    return nn.Parameter(torch.cat([weight.detach() for weight in weights]), requires_grad=False)


def _rotate(heads: Tensor, cos: Tensor, signed_sin: Tensor) -> None:
    """Turns heads, shape (batch, positions, heads, channels), by their positions, in place."""
    halves_swapped = heads.view(*heads.shape[:-1], 2, -1).flip(-2).flatten(-2)
    torch.addcmul(heads * cos, halves_swapped, signed_sin, out=heads)
