"""Rotary position embedding from tables that spare a negation (RoFormer, arXiv 2104.09864)."""

from torch import Tensor, cat, nn
from voxcpm.modules.minicpm4.model import MiniCPMLongRoPE

Positions = tuple[Tensor, Tensor]
"""Cosines and signed sines, float32, each with shape (positions, 1, channels of a head)."""


class RotaryEmbedding(nn.Module):
    """Stands in for a MiniCPMLongRoPE; the sines of what is negated are negated here."""

    def __init__(self, rope: MiniCPMLongRoPE) -> None:
        """Takes over its tables."""
        super().__init__()
        first, second = rope.sin_cached.float().chunk(2, dim=-1)
        self._cos = nn.Buffer(rope.cos_cached.float()[:, None], persistent=False)
        signed = cat([-first, second], dim=-1)
        self._signed_sin = nn.Buffer(signed[:, None], persistent=False)

    @property
    def tables(self) -> Positions:
        """What turns queries and keys at all positions."""
        return self._cos, self._signed_sin

    def forward(self, positions: Tensor) -> Positions:
        """Takes numbers of positions, and gives what turns queries and keys there."""
        return self._cos[positions], self._signed_sin[positions]
