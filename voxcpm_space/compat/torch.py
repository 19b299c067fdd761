"""torch 2.11: private functions and operators, where the public ones are too slow or too coarse."""

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

PackedLinear: TypeAlias = Callable[[Tensor], Tensor]
"""Takes rows, shape (..., inputs), and gives rows, shape (..., outputs)."""

weight_norm: Callable[..., Tensor] = torch._weight_norm
"""What a module with `torch.nn.utils.weight_norm` calls while it is built.

`loading` must tell it from other functions, to leave it out; torch shows no other name of it to a
`TorchFunctionMode`.
"""


def multiplies_bfloat16_in_onednn() -> bool:
    """Tells whether oneDNN multiplies matrices in bfloat16 on this CPU.

    `torch.cpu.get_capabilities` has what the CPU can, not what oneDNN does with it.
    """
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def prepacked_onednn(weight: Tensor, rows: int) -> PackedLinear:
    """Multiplies by a weight that lies in the order that oneDNN reads it in.

    The public `torch.utils.mkldnn.to_mkldnn` turns each input and output into another layout and
    back: 1 row by 2048 x 2048 took 568 µs in bfloat16 and 15.6 ms in float32, here 163 µs and
    1.2 ms (one core of an EPYC Zen 4); 22 rows by 1024 x 1024 took 368 µs and 1.5 ms, here 226 µs
    and 0.4 ms. `torch.compile` with frozen weights calls the same operators, after it has compiled.

    Args:
        weight: Shape (outputs, inputs), in float32 or bfloat16.
        rows: For how many the order is chosen.
    """
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, rows)
    multiply = torch.ops.mkldnn._linear_pointwise.default
    return lambda inputs: multiply(inputs, packed, None, "none", [], "")


def prepacked_int8(quantized: Tensor, *, in_7_bits: bool) -> PackedLinear:
    """Multiplies by a weight of 8 bits, with rows quantized by call.

    The public `torch.ao.nn.quantized.dynamic.Linear` calls the same operators, always with rows of
    7 bits, which VNNI does not need.

    Args:
        quantized: Shape (outputs, inputs), of `torch.quantize_per_channel` in qint8.
        in_7_bits: Whether rows have 7 bits, so that sums of two products fit into 16.
    """
    packed = torch.ops.quantized.linear_prepack(quantized, None)
    multiply = torch.ops.quantized.linear_dynamic.default
    return lambda inputs: multiply(inputs, packed, in_7_bits)


def per_channel_qint8(values: Tensor, scales: Tensor) -> Tensor:
    """Gives what `torch.quantize_per_channel` gave, from its parts; torch has no public way.

    Args:
        values: Shape (outputs, inputs), in int8.
        scales: Shape (outputs,), in float64.
    """
    zeros = torch.zeros(len(scales), dtype=torch.long)
    return torch._make_per_channel_quantized_tensor(values, scales, zeros, 0)


def zero_all(tensors: list[Tensor]) -> None:
    """Fills all with zeros in one kernel; `Tensor.zero_` launches one for each."""
    torch._foreach_zero_(tensors)


def copy_all(into: list[Tensor], tensors: list[Tensor]) -> None:
    """Copies each into the one at its place in one kernel; `Tensor.copy_` launches one for each."""
    torch._foreach_copy_(into, tensors)
