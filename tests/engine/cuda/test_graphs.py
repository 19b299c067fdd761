"""A generation by fused layers and graphs has the samples that voxcpm computes.

A CPU has no CUDA graphs: a replay is a call of the same function, which reads and writes the same
memory as it would on a card. Triton's own interpreter runs the kernels.
"""

import importlib.util
import logging
import sys
from contextlib import closing
from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn
from voxcpm.modules.locdit.unified_cfm import UnifiedCFM
from voxcpm.modules.minicpm4 import MiniCPM4Config
from voxcpm.modules.minicpm4.cache import StaticKVCache
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer, MiniCPMLongRoPE

from tests.tiny_checkpoint import CONFIG
from voxcpm_space.engine import GenerationRequest, cuda
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.cuda import graphs
from voxcpm_space.engine.cuda.faster import capture_graphs, fuse_layers
from voxcpm_space.engine.cuda.layers import FusedLayer, RotaryTable
from voxcpm_space.engine.loading import load_voxcpm
from voxcpm_space.engine.model import Model

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")

TEXT = "The train was late again."
OTHER_ORDER_OF_ADDING = 5e-6
"""Of full scale, over a whole generation."""
BEFORE, WIDTH = 5, 64
CLOSE = {
    torch.float32: {"atol": 1e-5, "rtol": 1e-5},
    torch.bfloat16: {"atol": 2**-5, "rtol": 2**-5},  # a few of its steps
}


class CalledAgain:
    """Stands in for `graphs.Capture`: CUDA graphs are not to be had here."""

    def __call__(self, compute):
        output = compute()
        return lambda: output.copy_(compute())


@pytest.fixture(autouse=True)
def without_a_card(monkeypatch):
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # all in float32
    monkeypatch.setattr(graphs, "Capture", CalledAgain)
    if importlib.util.find_spec("triton"):  # few runs of a kernel are quicker to interpret
        monkeypatch.setattr(graphs.kernels(), "_NUMBERS_AT_ONCE", 8192)


def in_voxcpms_way(checkpoint):
    model = Model(checkpoint, "cpu")
    model._voxcpm = load_voxcpm(checkpoint, "cpu")
    return model


def fused(checkpoint):
    model = in_voxcpms_way(checkpoint)
    assert fuse_layers(model._voxcpm)
    return model


def graphed(checkpoint):
    pytest.importorskip("triton", reason="Triton is not to be had for this machine.")
    model = fused(checkpoint)
    assert capture_graphs(model._voxcpm)
    return model


def samples(model, most=None, **options):
    """Of a whole generation, or of so many first outputs: Triton's interpreter is slow."""
    values = {"text": TEXT, "seed": 1, "cfg_value": 2.0, "dit_steps": 4} | options
    with torch.random.fork_rng(), closing(model.stream(GenerationRequest(**values))) as outputs:
        made = list(islice(outputs, most))
    return np.concatenate([item for item in made if isinstance(item, np.ndarray)])


@pytest.mark.parametrize(("make", "is_preview"), [(fused, False), (fused, True), (graphed, False)])
def test_one_generation_after_another_has_voxcpms_samples(make, is_preview, tiny_checkpoint):
    checkpoint = PREVIEW_FOLDER if is_preview else tiny_checkpoint
    ours, voxcpms = make(checkpoint), in_voxcpms_way(checkpoint)
    for options in ({"seed": 2, "dit_steps": 3, "cfg_value": 1.3}, {}):
        expected = samples(voxcpms, **options)
        np.testing.assert_allclose(samples(ours, **options), expected, atol=OTHER_ORDER_OF_ADDING)


def test_a_clone_has_voxcpms_samples(tiny_checkpoint, tone):
    options = {"reference": tone(2.0), "transcript": "It was late.", "most": 5}
    expected = samples(in_voxcpms_way(tiny_checkpoint), **options)
    made = samples(graphed(tiny_checkpoint), **options)
    np.testing.assert_allclose(made, expected, atol=OTHER_ORDER_OF_ADDING)


def test_a_generation_goes_on_when_its_attention_reads_the_cache_in_several_parts(
    tiny_checkpoint, monkeypatch
):
    monkeypatch.setattr(graphs.kernels(), "_KEYS_AT_ONCE", 16)
    options = {"text": "A" * 30, "most": 4}
    expected = samples(in_voxcpms_way(tiny_checkpoint), **options)
    made = samples(graphed(tiny_checkpoint), **options)
    np.testing.assert_allclose(made, expected, atol=OTHER_ORDER_OF_ADDING)


def test_latents_of_a_patch_stay_when_the_next_one_is_made(tiny_checkpoint):
    made = graphed(tiny_checkpoint).stream(GenerationRequest(TEXT, 1, 2.0, 2))
    result = list(made)[-1]
    assert not np.array_equal(result.latents[0], result.latents[1])


def test_parts_that_are_not_the_known_ones_stay_and_the_log_says_so(
    tiny_checkpoint, monkeypatch, caplog
):
    def forward(_cfm, _mu, _more):
        """As it could be in another version."""

    monkeypatch.setattr(UnifiedCFM, "forward", forward)
    model = load_voxcpm(tiny_checkpoint, "cpu")
    with caplog.at_level(logging.WARNING):
        assert not capture_graphs(model)
    assert type(model.feat_decoder) is UnifiedCFM
    assert "no CUDA graphs" in caplog.text


def test_without_triton_there_are_no_graphs_and_the_log_says_so(
    tiny_checkpoint, monkeypatch, caplog
):
    monkeypatch.setitem(sys.modules, "triton", None)
    monkeypatch.delitem(sys.modules, "voxcpm_space.engine.cuda.kernels", raising=False)
    monkeypatch.delattr(cuda, "kernels", raising=False)
    model = load_voxcpm(tiny_checkpoint, "cpu")
    with caplog.at_level(logging.WARNING):
        assert not capture_graphs(model)
    assert type(model.feat_decoder) is UnifiedCFM
    assert "Triton" in caplog.text


def test_layers_that_are_not_the_known_ones_stay_and_the_log_says_so(
    tiny_checkpoint, monkeypatch, caplog
):
    def forward(_layer, _hidden_states, _more):
        """As it could be in another version."""

    monkeypatch.setattr(MiniCPMDecoderLayer, "forward", forward)
    model = load_voxcpm(tiny_checkpoint, "cpu")
    with caplog.at_level(logging.WARNING):
        assert not fuse_layers(model)
    assert type(model.base_lm.layers[0]) is MiniCPMDecoderLayer
    assert "generation is slower" in caplog.text


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
    return lambda numbers: (rope(numbers), RotaryTable(rope)(numbers))


@pytest.fixture
def layer(config, dtype):
    torch.manual_seed(0)
    layer = MiniCPMDecoderLayer(config, 0)
    for norm in (layer.input_layernorm, layer.post_attention_layernorm):
        nn.init.uniform_(norm.weight, 0.5, 1.5)
    return layer.to(dtype).requires_grad_(requires_grad=False)


@pytest.mark.parametrize("is_causal", [True, False])
def test_a_layer_takes_all_positions_at_once(layer, positions, dtype, is_causal):
    hidden = torch.randn(2, BEFORE, WIDTH).to(dtype)
    theirs, ours = positions(torch.arange(BEFORE))
    before = hidden.clone()
    expected, kept = layer(hidden, theirs, is_causal)
    answer, also_kept = FusedLayer(layer)(hidden, ours, is_causal)
    torch.testing.assert_close(answer, expected, **CLOSE[dtype])
    torch.testing.assert_close(also_kept, kept, **CLOSE[dtype])
    assert torch.equal(hidden, before)


def test_a_layer_goes_on_from_a_cache_of_which_a_part_is_filled(layer, positions, dtype):
    cache = StaticKVCache(1, 2, 32, 1, torch.device("cpu"), dtype, max_length=20)
    cache.fill_caches([(torch.randn(1, 2, BEFORE, 32).to(dtype), torch.randn(1, 2, BEFORE, 32))])
    ours, fused = cache.kv_cache[:, 0].clone(), FusedLayer(layer)
    hidden, position = torch.randn(1, WIDTH).to(dtype), torch.tensor([BEFORE])
    theirs, _ = positions(position)
    expected = layer.forward_step(hidden, theirs, position, cache.get_layer_cache(0))
    _, tables = positions(slice(None)) if theirs is not None else (None, None)
    fused.answer(
        hidden,
        lambda qkv: graphs.kernels().step_attention(qkv, tables, position, ours, fused.query_heads),
        graphs.kernels().silu_product,
    )
    torch.testing.assert_close(hidden, expected, **CLOSE[dtype])
    torch.testing.assert_close(ours, cache.kv_cache[:, 0], **CLOSE[dtype])
