"""How a CPU multiplies by weights that stay the same: as fast as torch can, not as it comes."""

import platform
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F  # noqa: N812  (as everywhere)
from torch import Tensor

PackedLinear: TypeAlias = Callable[[Tensor], Tensor]
"""Takes rows, shape (..., inputs), and gives rows, shape (..., outputs)."""

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
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, _MANY_ROWS)  # noqa: SLF001
    multiply = torch.ops.mkldnn._linear_pointwise.default  # noqa: SLF001
    return lambda rows: multiply(rows, packed, None, "none", [], "")


def dynamic_int8_linear(weight: Tensor) -> PackedLinear:
    """Multiplies in 8 bits, scaled by output for the weight and by call for the rows.

    Without VNNI a CPU adds two products in 16 bits, which could overflow: rows have 7 bits there.

    Args:
        weight: Shape (outputs, inputs), in float32.
    """
    scales = (weight.abs().amax(dim=1) / _MOST_INT8).clamp(min=_LEAST_SCALE)
    zeros = torch.zeros(len(scales), dtype=torch.long)
    quantized = torch.quantize_per_channel(weight, scales, zeros, axis=0, dtype=torch.qint8)
    packed = torch.ops.quantized.linear_prepack(quantized, None)
    multiply, in_7_bits = torch.ops.quantized.linear_dynamic.default, not _has_vnni()
    return lambda rows: multiply(rows, packed, in_7_bits)


def _has_vnni() -> bool:
    capabilities: Mapping[str, Any] = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_vnni"))


def _can_be_packed(weight: Tensor) -> bool:
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    if weight.dtype == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001
    return weight.dtype == torch.float32
