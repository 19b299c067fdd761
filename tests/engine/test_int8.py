"""Weights of 8 bits: what is in them, and how far what they say is from what float32 says."""

import weakref

import numpy as np
import torch
from torch.ao.nn.quantized import dynamic

from tests.engine.test_engine import spoken, take
from tests.engine.test_faster import samples_of
from voxcpm_space.engine import Engine
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.int8 import to_int8
from voxcpm_space.engine.model import Model
from voxcpm_space.settings import Settings

PATCH = 7_680


def linear_layers(model):
    return {
        name: type(module)
        for name, module in model._voxcpm.named_modules()
        if isinstance(module, torch.nn.Linear | dynamic.Linear)
    }


def test_the_layers_of_the_transformers_are_8_bits_and_the_rest_is_exact(tiny_checkpoint):
    layers = linear_layers(Model(tiny_checkpoint, "cpu", int8=True))
    assert {name for name, kind in layers.items() if kind is torch.nn.Linear} == {
        name for name in layers if ".layers." not in name
    }
    assert "stop_head" in layers
    assert layers["feat_decoder.estimator.decoder.layers.0.mlp.up_proj"] is dynamic.Linear


def test_no_layer_is_kept_in_float32_beside_its_8_bits(tiny_checkpoint, monkeypatch):
    replaced = []

    def keep_an_eye_on(name, module):
        quantized = to_int8(name, module)
        if quantized is not module:
            replaced.append(weakref.ref(module))
            assert sum(layer() is not None for layer in replaced) <= 2
        return quantized

    monkeypatch.setattr("voxcpm_space.engine.model.to_int8", keep_an_eye_on)
    Model(tiny_checkpoint, "cpu", int8=True)
    assert len(replaced) > 20


def test_it_speaks_nearly_the_same(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # the rest in float32
    exact = samples_of(Model(PREVIEW_FOLDER, "cpu"), seed=1)[:PATCH]
    rounded = samples_of(Model(PREVIEW_FOLDER, "cpu", int8=True), seed=1)[:PATCH]
    assert not np.array_equal(rounded, exact)
    assert np.linalg.norm(rounded - exact) < 0.3 * np.linalg.norm(exact)


def test_the_setting_reaches_the_model_s_process(tiny_checkpoint):
    expected = list(Model(tiny_checkpoint, "cpu", int8=True).stream(take()))
    rounded = Engine(Settings(model=str(tiny_checkpoint), device="cpu", cpu_int8=True))
    rounded.load()
    try:
        assert np.array_equal(spoken(rounded), np.concatenate(expected))
    finally:
        rounded.stop(grace_seconds=0)
