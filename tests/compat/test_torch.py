"""torch's private operators multiply as its public ones do."""

import platform

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.overrides import TorchFunctionMode

from voxcpm_space.compat.torch import (
    copy_all,
    multiplies_bfloat16_in_onednn,
    prepacked_int8,
    prepacked_onednn,
    weight_norm,
    zero_all,
)

X86 = pytest.mark.skipif(
    platform.machine() not in {"x86_64", "AMD64"} or not torch.backends.mkldnn.is_available(),
    reason="only used with oneDNN on x86",
)


@X86
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_prepacked_weight_multiplies_as_the_plain_one(dtype):
    if dtype == torch.bfloat16 and not multiplies_bfloat16_in_onednn():
        pytest.skip("oneDNN has no bfloat16 on this CPU")
    weight, rows = torch.randn(64, 96).to(dtype), torch.randn(2, 5, 96).to(dtype)
    torch.testing.assert_close(
        prepacked_onednn(weight, 64)(rows), F.linear(rows, weight), atol=1e-4, rtol=2**-6
    )


def test_rows_of_7_bits_are_rounded_more_coarsely_than_rows_of_8():
    weight, rows = torch.randn(64, 96), torch.randn(22, 96)
    scales = weight.abs().amax(dim=1) / 127.5
    zeros = torch.zeros(64, dtype=torch.long)
    quantized = torch.quantize_per_channel(weight, scales, zeros, axis=0, dtype=torch.qint8)
    exact = F.linear(rows, quantized.dequantize())
    coarse, fine = (prepacked_int8(quantized, in_7_bits=bits)(rows) for bits in (True, False))
    torch.testing.assert_close(coarse, exact, atol=1, rtol=0.1)
    assert not torch.equal(coarse, fine)


def test_all_tensors_are_filled_and_copied_at_once():
    kept, new = [torch.ones(2), torch.ones(3, 1)], [torch.full((2,), 2.0), torch.full((3, 1), 3.0)]
    zero_all(kept)
    assert [tensor.sum() for tensor in kept] == [0, 0]
    copy_all(kept, new)
    assert [tensor.sum() for tensor in kept] == [4, 9]


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_a_module_with_norms_calls_the_function_that_is_known_for_it():
    called = []

    class Watching(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            called.append(function)
            return function(*args, **kwargs or {})

    with Watching():
        nn.utils.weight_norm(nn.Linear(3, 3))
    assert weight_norm in called
