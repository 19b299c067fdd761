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
from voxcpm.modules.audiovae.audio_vae_v2 import snake
from voxcpm.modules.locdit.unified_cfm import UnifiedCFM
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer

from voxcpm_space.engine import GenerationRequest, cuda
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.cuda import graphs
from voxcpm_space.engine.cuda.faster import capture_graphs, fuse_layers
from voxcpm_space.engine.loading import load_voxcpm
from voxcpm_space.engine.model import Model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning"),
]

TEXT = "The train was late again."
OTHER_ORDER_OF_ADDING = 5e-6
"""Of full scale, over a whole generation."""


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


@pytest.fixture
def quick_snakes(monkeypatch):
    """The AudioVAE's activation in torch, not in Triton, which is most of what is interpreted."""
    if importlib.util.find_spec("triton"):
        monkeypatch.setattr(graphs.kernels(), "snake", snake)


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
    values = {"text": TEXT, "seed": 1, "cfg_value": 2.0, "dit_steps": 2} | options
    with torch.random.fork_rng(), closing(model.stream(GenerationRequest(**values))) as outputs:
        made = list(islice(outputs, most))
    return np.concatenate([item for item in made if isinstance(item, np.ndarray)])


@pytest.mark.parametrize(
    ("make", "is_preview", "most"), [(fused, False, None), (fused, True, None), (graphed, False, 3)]
)
@pytest.mark.usefixtures("quick_snakes")
def test_one_generation_after_another_has_voxcpms_samples(make, is_preview, most, tiny_checkpoint):
    checkpoint = PREVIEW_FOLDER if is_preview else tiny_checkpoint
    ours, voxcpms = make(checkpoint), in_voxcpms_way(checkpoint)
    fewer = {"dit_steps": 3, "solver": "adams-bashforth", "most": most}
    for options in (
        {"seed": 2, "dit_steps": 3, "cfg_value": 1.3, "most": most},
        fewer,
        # With seed 1 the preview's FSQ has a number halfway between two levels, which is chance.
        {"seed": 3, "most": most},
    ):
        expected = samples(voxcpms, **options)
        np.testing.assert_allclose(samples(ours, **options), expected, atol=OTHER_ORDER_OF_ADDING)


def test_a_clone_has_voxcpms_samples(tiny_checkpoint, tone):
    options = {"reference": tone(2.0), "transcript": "It was late.", "most": 3}
    expected = samples(in_voxcpms_way(tiny_checkpoint), **options)
    made = samples(graphed(tiny_checkpoint), **options)
    np.testing.assert_allclose(made, expected, atol=OTHER_ORDER_OF_ADDING)


@pytest.mark.usefixtures("quick_snakes")
def test_a_generation_goes_on_when_its_attention_reads_the_cache_in_several_parts(
    tiny_checkpoint, monkeypatch
):
    monkeypatch.setattr(graphs.kernels(), "_KEYS_AT_ONCE", 16)
    options = {"text": "A" * 30, "most": 2}
    expected = samples(in_voxcpms_way(tiny_checkpoint), **options)
    made = samples(graphed(tiny_checkpoint), **options)
    np.testing.assert_allclose(made, expected, atol=OTHER_ORDER_OF_ADDING)


@pytest.mark.usefixtures("quick_snakes")
def test_latents_of_a_patch_stay_when_the_next_one_is_made(tiny_checkpoint):
    made = graphed(tiny_checkpoint).stream(GenerationRequest("A", 1, 2.0, 1))
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
