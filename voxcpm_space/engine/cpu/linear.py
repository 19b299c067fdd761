"""How a CPU multiplies by weights that stay the same: as fast as torch can, not as it comes."""

import platform

import torch
import torch.nn.functional as F  # noqa: N812  (as everywhere)
from torch import Tensor

from voxcpm_space.compat.torch import (
    PackedLinear,
    multiplies_bfloat16_in_onednn,
    prepacked_int8,
    prepacked_onednn,
)

_MANY_ROWS = 64
"""For fewer, oneDNN would choose an order of the weights that is slow for any number of rows."""
_MOST_INT8 = 127.5
"""torch's own bound for symmetric weights of 8 bits: half of what they span."""
_LEAST_SCALE = torch.finfo(torch.float32).eps  # torch's own, too: of weights that are all 0


def prepack_linear(weight: Tensor) -> PackedLinear:
    """Multiplies in the weight's own number format.

    On x86 the weight is put into the order that oneDNN reads it in; `F.linear` puts it into such
    an order anew at each call, which for a few rows takes as long as to multiply them.

    Args:
        weight: Shape (outputs, inputs), in float32 or bfloat16.
    """
    if not _can_be_packed(weight):
        return lambda rows: F.linear(rows, weight)
    return prepacked_onednn(weight, _MANY_ROWS)


def dynamic_int8_linear(weight: Tensor) -> PackedLinear:
    """Multiplies in 8 bits, scaled by output for the weight and by call for the rows.

    Args:
        weight: Shape (outputs, inputs), in float32.
    """
    return prepack_int8(quantize(weight))


def quantize(weight: Tensor) -> Tensor:
    """Gives a weight, shape (outputs, inputs), in 8 bits, scaled by output."""
    scales = (weight.abs().amax(dim=1) / _MOST_INT8).clamp(min=_LEAST_SCALE)
    zeros = torch.zeros(len(scales), dtype=torch.long)
    return torch.quantize_per_channel(weight, scales, zeros, axis=0, dtype=torch.qint8)


def prepack_int8(quantized: Tensor) -> PackedLinear:
    """Multiplies by what `quantize` gave, with rows that are scaled by call.

    Without VNNI a CPU adds two products in 16 bits, which could overflow: rows have 7 bits there.
    """
    return prepacked_int8(quantized, in_7_bits=not _has_vnni())


def _has_vnni() -> bool:
    return bool(torch.cpu.get_capabilities().get("avx512_vnni"))


def _can_be_packed(weight: Tensor) -> bool:
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    if weight.dtype == torch.bfloat16:
        return multiplies_bfloat16_in_onednn()
    return weight.dtype == torch.float32
