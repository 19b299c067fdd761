"""A layer in fewer operations computes what voxcpm's computes."""

import copy

import pytest
import torch
from torch import nn
from voxcpm.modules.locdit.local_dit_v2 import SinusoidalPosEmb
from voxcpm.modules.minicpm4 import MiniCPM4Config
from voxcpm.modules.minicpm4.cache import StaticKVCache
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer, MiniCPMLongRoPE

from tests.tiny_checkpoint import CONFIG
from voxcpm_space.engine.cpu.layers import (
    FusedDecoderLayer,
    TimestepEmbeddingCache,
)
from voxcpm_space.engine.cpu.linear import prepack_linear
from voxcpm_space.engine.cuda import graphs
from voxcpm_space.engine.cuda.layers import FusedLayer
from voxcpm_space.engine.kv_cache import GrowingKVCache
from voxcpm_space.engine.rotary_embedding import RotaryEmbedding

BEFORE, WIDTH = 5, 64
CLOSE = {
    torch.float32: {"atol": 1e-5, "rtol": 1e-5},
    torch.bfloat16: {"atol": 2**-5, "rtol": 2**-5},  # a few of its steps
}


@pytest.fixture(params=[False, True], ids=["plain", "mup"])
def config(request):
    more = {"use_mup": request.param, "num_attention_heads": 4, "num_key_value_heads": 2}
    return MiniCPM4Config(**CONFIG["lm_config"] | more)


@pytest.fixture(params=[torch.float32, torch.bfloat16], ids=str)
def dtype(request):
    return request.param


@pytest.fixture(params=[True, False], ids=["with positions", "without"])
def positions(request, config, dtype):
    """What voxcpm's layers take and what ours take, by the numbers of positions."""
    if not request.param:
        return lambda _numbers: (None, None)
    rope = MiniCPMLongRoPE(config).to(dtype)
    signed = RotaryEmbedding(rope)
    return lambda numbers: (rope(numbers), signed(numbers))


@pytest.fixture
def layer(config, dtype):
    torch.manual_seed(0)
    layer = MiniCPMDecoderLayer(config, 0)
    for norm in (layer.input_layernorm, layer.post_attention_layernorm):
        nn.init.uniform_(norm.weight, 0.5, 1.5)
    return layer.to(dtype).requires_grad_(requires_grad=False)


def on_a_cpu(layer):
    return FusedDecoderLayer(layer, prepack_linear)


@pytest.mark.parametrize("fused", [on_a_cpu, FusedLayer])
@pytest.mark.parametrize("is_causal", [True, False])
def test_it_takes_all_positions_at_once(layer, positions, dtype, is_causal, fused):
    hidden = torch.randn(2, BEFORE, WIDTH).to(dtype)
    theirs, ours = positions(torch.arange(BEFORE))
    expected, kept = layer(hidden, theirs, is_causal)
    before = hidden.clone()
    answer, also_kept = fused(layer)(hidden, ours, is_causal)
    torch.testing.assert_close(answer, expected, **CLOSE[dtype])
    torch.testing.assert_close(also_kept, kept, **CLOSE[dtype])
    assert torch.equal(hidden, before)


def test_it_goes_on_from_what_is_in_the_cache(layer, positions, dtype):
    cache = StaticKVCache(1, 2, 32, 1, torch.device("cpu"), dtype, max_length=20)
    cache.fill_caches([(torch.randn(1, 2, BEFORE, 32).to(dtype),) * 2])
    growing = GrowingKVCache(copy.deepcopy(cache))
    fused = on_a_cpu(layer)
    for _ in range(3):
        hidden, position = torch.randn(1, WIDTH).to(dtype), torch.tensor([cache.step()])
        theirs, ours = positions(position)
        growing.step()
        expected = layer.forward_step(hidden, theirs, position, cache.get_layer_cache(0))
        answer = fused.forward_step(hidden, ours, position, growing.get_layer_cache(0))
        torch.testing.assert_close(answer, expected, **CLOSE[dtype])


def test_on_a_card_it_goes_on_from_a_cache_of_which_a_part_is_filled(layer, positions, dtype):
    cache = StaticKVCache(1, 2, 32, 1, torch.device("cpu"), dtype, max_length=20)
    cache.fill_caches([(torch.randn(1, 2, BEFORE, 32).to(dtype), torch.randn(1, 2, BEFORE, 32))])
    pytest.importorskip("triton", reason="Triton is not to be had for this machine.")
    ours, fused = cache.kv_cache[:, 0].clone(), FusedLayer(layer)
    hidden, position = torch.randn(1, WIDTH).to(dtype), torch.tensor([BEFORE])
    theirs, _ = positions(position)
    expected = layer.forward_step(hidden, theirs, position, cache.get_layer_cache(0))
    _, tables = positions(slice(None)) if theirs is not None else (None, None)
    fused.add_attention_and_mlp(
        hidden,
        lambda qkv: graphs.kernels().step_attention(qkv, tables, position, ours, fused.num_heads),
        graphs.kernels().silu_and_mul,
    )
    torch.testing.assert_close(hidden, expected, **CLOSE[dtype])
    torch.testing.assert_close(ours, cache.kv_cache[:, 0], **CLOSE[dtype])


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.count = 0

    def forward(self, embedded):
        self.count += 1
        return 2 * embedded


def test_a_time_is_embedded_once():
    embedding, mlp = SinusoidalPosEmb(WIDTH), Counting()
    remembered = TimestepEmbeddingCache(embedding, mlp)
    for value in (0.25, 0.75, 0.25):
        times = torch.full((2,), value)
        assert torch.equal(remembered(times), 2 * embedding(times))
    assert mlp.count == 2
