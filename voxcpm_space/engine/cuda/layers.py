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
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer, MiniCPMRMSNorm

from voxcpm_space.engine.kv_cache import KeysValues
from voxcpm_space.engine.lora import LoRAUpdates
from voxcpm_space.engine.rotary_embedding import Positions

Rows: TypeAlias = Callable[[Tensor], Tensor]
"""Takes rows, shape (rows, width), and gives as many."""


def rms_norm(norm: MiniCPMRMSNorm, hidden: Tensor) -> Tensor:
    """As the norm's own `forward`, in one kernel instead of eight."""
    return F.rms_norm(hidden, hidden.shape[-1:], norm.weight, norm.variance_epsilon)


def silu_and_mul(gate_up: Tensor) -> Tensor:
    """Multiplies SiLU of the first half of each row by the second half."""
    gate, up = gate_up.chunk(2, dim=-1)
    return F.silu(gate) * up


class FusedLayer(nn.Module):
    """Stands in for a MiniCPMDecoderLayer, beside a `RotaryEmbedding` and a `GrowingKVCache`.

    In float32 it differs by the order of adding; in bfloat16 the residual is added before the
    product is rounded, and a norm is rounded once instead of twice.

    Attributes:
        num_heads, num_kv_heads: How many it has.
        head_dim: Channels of each head.
    """

    def __init__(self, layer: MiniCPMDecoderLayer) -> None:
        """Takes over the weights of a layer."""
        super().__init__()
        attention, mlp = layer.self_attn, layer.mlp
        self.num_heads, self.num_kv_heads = attention.num_heads, attention.num_key_value_heads
        self.head_dim = attention.head_dim
        self._scale = layer.scale_depth / math.sqrt(layer.num_hidden_layers) if layer.use_mup else 1
        self._input_layernorm, self._post_attention_layernorm = (
            layer.input_layernorm,
            layer.post_attention_layernorm,
        )
        projections = attention.q_proj, attention.k_proj, attention.v_proj
        self._qkv_proj = _together(*(projection.weight for projection in projections))
        self._o_proj = attention.o_proj.weight
        self._gate_up_proj = _together(mlp.gate_proj.weight, mlp.up_proj.weight)
        self._down_proj = mlp.down_proj.weight
        self._qkv_lora, self._o_lora = LoRAUpdates(*projections), LoRAUpdates(attention.o_proj)
        self._gate_up_lora = LoRAUpdates(mlp.gate_proj, mlp.up_proj)
        self._down_lora = LoRAUpdates(mlp.down_proj)

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
        self.add_attention_and_mlp(rows, attend)
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
        self.add_attention_and_mlp(rows, attend)
        return rows

    def add_attention_and_mlp(self, rows: Tensor, attend: Rows, gated: Rows = silu_and_mul) -> None:
        """Adds to `rows`, shape (rows, width), what attention and MLP answer.

        Args:
            rows: Changed in place.
            attend: Turns queries, keys and values of each row, as many as the layer has heads of
                each, into what the row hears.
            gated: Computes the MLP's product.
        """
        normed = rms_norm(self._input_layernorm, rows)
        attended = attend(self._qkv_lora.add_to(F.linear(normed, self._qkv_proj), normed))
        rows.addmm_(attended, self._o_proj.t(), alpha=self._scale)
        self._o_lora.add_to(rows, attended, self._scale)
        normed = rms_norm(self._post_attention_layernorm, rows)
        product = gated(self._gate_up_lora.add_to(F.linear(normed, self._gate_up_proj), normed))
        rows.addmm_(product, self._down_proj.t(), alpha=self._scale)
        self._down_lora.add_to(rows, product, self._scale)

    def _heads(self, qkv: Tensor, positions: Positions | None) -> tuple[Tensor, Tensor, Tensor]:
        """Gives queries, keys and values, each (batch, heads, positions, channels)."""
        heads = qkv.view(*qkv.shape[:2], -1, self.head_dim)
        if positions is not None:
            _rotate(heads[:, :, : -self.num_kv_heads], *positions)
        counts = [self.num_heads, self.num_kv_heads, self.num_kv_heads]
        queries, keys, values = torch.split(heads.transpose(1, 2), counts, dim=1)
        return queries, keys, values


def _together(*weights: Tensor) -> nn.Parameter:
    return nn.Parameter(torch.cat([weight.detach() for weight in weights]), requires_grad=False)


def _rotate(heads: Tensor, cos: Tensor, signed_sin: Tensor) -> None:
    """Turns heads, shape (batch, positions, heads, channels), by their positions, in place."""
    halves_swapped = heads.view(*heads.shape[:-1], 2, -1).flip(-2).flatten(-2)
    torch.addcmul(heads * cos, halves_swapped, signed_sin, out=heads)
