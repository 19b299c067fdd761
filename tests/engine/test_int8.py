"""Weights of 8 bits: what is in them, and how far what they say is from what float32 says."""

import weakref

import numpy as np
import torch

from tests.engine.test_engine import request, spoken
from tests.engine.test_optimizations import samples_of
from voxcpm_space.engine import Engine, optimizations
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.cpu import layers
from voxcpm_space.engine.cpu.linear import dynamic_int8_linear
from voxcpm_space.engine.model import Model
from voxcpm_space.settings import Settings

PATCH = 7_680


def test_the_layers_of_the_transformers_are_8_bits_and_the_rest_is_exact(
    tiny_checkpoint, monkeypatch
):
    rounded = []

    def watched(weight):
        rounded.append(weight)
        return dynamic_int8_linear(weight)

    monkeypatch.setattr(optimizations, "dynamic_int8_linear", watched)
    model = Model(tiny_checkpoint, "cpu", int8=True)._voxcpm
    assert len(rounded) == 4 * 5  # matrices of a layer, and layers
    exact = dict(model.named_parameters())
    assert exact["stop_head.weight"].dtype == torch.float32
    assert not [name for name, weight in exact.items() if ".layers." in name and weight.dim() == 2]


def test_no_layer_is_kept_in_float32_beside_its_8_bits(tiny_checkpoint, monkeypatch):
    replaced = []

    class WatchedLayer(layers.FusedDecoderLayer):
        def __init__(self, layer, multiplying):
            super().__init__(layer, multiplying)
            replaced.append(weakref.ref(layer))
            alive = sum(layer() is not None for layer in replaced)
            assert alive <= 2 * torch.get_num_threads()

    monkeypatch.setattr(layers, "FusedDecoderLayer", WatchedLayer)
    Model(tiny_checkpoint, "cpu", int8=True)
    assert len(replaced) == 5
    assert not [layer for layer in replaced if layer() is not None]


def test_it_speaks_nearly_the_same(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # the rest in float32
    exact = samples_of(Model(PREVIEW_FOLDER, "cpu"), seed=1)[:PATCH]
    rounded = samples_of(Model(PREVIEW_FOLDER, "cpu", int8=True), seed=1)[:PATCH]
    assert not np.array_equal(rounded, exact)
    assert np.linalg.norm(rounded - exact) < 0.3 * np.linalg.norm(exact)


def test_the_setting_reaches_the_model_s_process(tiny_checkpoint):
    *expected, _ = Model(tiny_checkpoint, "cpu", int8=True).stream(request())
    rounded = Engine(Settings(model=str(tiny_checkpoint), device="cpu", cpu_int8=True))
    rounded.load()
    try:
        assert np.array_equal(spoken(rounded), np.concatenate(expected))
    finally:
        rounded.stop(grace_seconds=0)
