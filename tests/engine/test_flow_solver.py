"""Fewer evaluations of the LocDiT, by Adams and Bashforth's method, are as exact as Euler's."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from voxcpm.modules.locdit.unified_cfm import UnifiedCFM

from tests.engine.test_optimizations import request, samples_of
from voxcpm_space.compat.voxcpm import are_known
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.flow_solver import solver_of
from voxcpm_space.engine.model import Model

pytestmark = pytest.mark.slow


@pytest.fixture
def preview(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # all in float32
    return Model(PREVIEW_FOLDER, "cpu")


def samples(model, **options):
    outputs = list(model.stream(replace(request(seed=1), **options)))
    return np.concatenate([item for item in outputs if isinstance(item, np.ndarray)])


@pytest.fixture
def error(preview):
    """Distance of patches from those of 50 steps by Euler's method, from the same noise."""
    flow, asked = preview._voxcpm.feat_decoder, []
    watched = flow.register_forward_pre_hook(lambda *call: asked.append(call[2]), with_kwargs=True)
    samples(preview)
    watched.remove()

    @torch.inference_mode()
    def patches(solver, steps):
        torch.manual_seed(0)
        with solver_of(flow, solver):
            return torch.cat([flow(**each | {"n_timesteps": steps}) for each in asked])

    exact = patches("euler", 50)

    def of(solver, steps):
        return float(torch.linalg.norm(patches(solver, steps) - exact) / torch.linalg.norm(exact))

    return of


def test_fewer_evaluations_are_as_near_to_what_50_steps_give(error):
    by_10_steps = error("euler", 10)
    assert error("adams-bashforth", 9) < 0.4 * by_10_steps
    assert error("adams-bashforth", 6) < 0.8 * by_10_steps
    assert error("adams-bashforth", 4) < 1.05 * error("euler", 6)


def test_as_many_evaluations_are_made_as_are_asked_for(preview):
    evaluated = []
    preview._voxcpm.feat_decoder.estimator.register_forward_hook(lambda *_: evaluated.append(1))
    outputs = preview.stream(replace(request(seed=1), dit_steps=4, solver="adams-bashforth"))
    *patches, _ = outputs
    assert len(evaluated) == 4 * len(patches)


def test_the_request_after_it_is_solved_as_ever(preview):
    before = samples_of(preview, seed=1)
    other = samples(preview, dit_steps=6, solver="adams-bashforth")
    assert not np.array_equal(other, before[: len(other)])
    assert np.array_equal(samples_of(preview, seed=1), before)


def test_a_flow_that_is_not_the_known_one_is_solved_as_ever_and_the_log_says_so(
    tiny_checkpoint, monkeypatch, caplog
):
    model = Model(tiny_checkpoint, "cpu")
    expected = samples(model, dit_steps=4)

    def forward(_cfm, _mu, _more):
        """As it could be in another version."""

    are_known.cache_clear()
    monkeypatch.setattr(UnifiedCFM, "optimized_scale_", forward, raising=False)
    made = samples(model, dit_steps=4, solver="adams-bashforth")
    are_known.cache_clear()
    assert np.array_equal(made, expected)
    assert "solved by voxcpm's own method" in caplog.text
