"""A matrix that is made ready once multiplies as torch does."""

import platform

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.ao.nn.quantized import dynamic
from torch.ao.quantization import per_channel_dynamic_qconfig

from voxcpm_space.engine.cpu.linear import dynamic_int8_linear, prepack_linear

VNNI = torch.cpu.get_capabilities().get("avx512_vnni")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("rows", [1, 5, 22, 300])
@pytest.mark.parametrize("shape", [(64, 96), (1000, 130), (256, 1024)], ids=str)
def test_it_multiplies_as_linear_does(shape, rows, dtype):
    weight, inputs = torch.randn(shape).to(dtype), torch.randn(2, rows, shape[1]).to(dtype)
    expected = F.linear(inputs, weight)
    torch.testing.assert_close(prepack_linear(weight)(inputs), expected, atol=1e-4, rtol=2**-6)


def test_machines_without_an_order_of_their_own_multiply_too(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    weight, inputs = torch.randn(64, 32), torch.randn(3, 32)
    assert torch.equal(prepack_linear(weight)(inputs), F.linear(inputs, weight))


@pytest.mark.parametrize("rows", [1, 22])
def test_8_bits_are_those_of_torch_s_own_layer(rows, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    layer = nn.Linear(96, 64, bias=False)
    layer.qconfig = per_channel_dynamic_qconfig
    inputs = torch.randn(rows, 96)
    with torch.no_grad():
        layer.weight[3] = 0
        expected = dynamic.Linear.from_float(layer)(inputs)
        assert torch.equal(dynamic_int8_linear(layer.weight)(inputs), expected)


@pytest.mark.skipif(not VNNI, reason="adds products of 8 bits in 16")
def test_a_cpu_that_can_rounds_rows_half_as_much(monkeypatch):
    weight, inputs = torch.randn(64, 96), torch.randn(22, 96)
    exact = F.linear(inputs, weight)
    finer = torch.linalg.norm(dynamic_int8_linear(weight)(inputs) - exact)
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    coarser = torch.linalg.norm(dynamic_int8_linear(weight)(inputs) - exact)
    assert finer < 0.8 * coarser
