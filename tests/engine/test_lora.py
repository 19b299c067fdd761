"""What is spoken with a LoRA is what voxcpm speaks with it, also through layers of our own."""

import importlib.util
import json
import logging
import shutil
from contextlib import closing
from itertools import islice

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from voxcpm.model.voxcpm2 import LoRAConfig
from voxcpm.modules.audiovae.audio_vae_v2 import snake
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer

from tests.tiny_lora import ATTENTION, build_tiny_lora, voxcpm_with_lora
from voxcpm_space.engine import Engine, GenerationRequest
from voxcpm_space.engine.cuda import graphs
from voxcpm_space.engine.cuda.faster import capture_graphs, fuse_layers
from voxcpm_space.engine.loading import load_voxcpm
from voxcpm_space.engine.lora import LoRASwitch
from voxcpm_space.engine.lora_files import find_loras
from voxcpm_space.engine.model import Model
from voxcpm_space.engine.zerogpu import ZeroGPUModel
from voxcpm_space.errors import StartError
from voxcpm_space.settings import Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning"),
]

TEXT = "The train was late again."
OTHER_ORDER_OF_ADDING = 5e-6
"""Of full scale, over a whole generation."""


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)


@pytest.fixture(scope="module")
def loras(tmp_path_factory, tiny_checkpoint):
    """Two with other ranks, scales and layers."""
    folder = tmp_path_factory.mktemp("loras")
    build_tiny_lora(folder / "ann", tiny_checkpoint, seed=1)
    few = {"enable_dit": False, "enable_proj": False, "target_modules_lm": ATTENTION}
    build_tiny_lora(folder / "bob", tiny_checkpoint, seed=2, r=2, alpha=3, **few)
    return folder


def in_voxcpms_way(checkpoint, lora):
    """What voxcpm itself says with a LoRA that voxcpm itself has loaded."""
    model = Model(checkpoint, "cpu")
    info = json.loads((lora / "lora_config.json").read_text())
    model._voxcpm = voxcpm_with_lora(checkpoint, LoRAConfig(**info["lora_config"]))
    _, skipped = model._voxcpm.load_lora_weights(str(lora))
    assert not skipped
    return samples(model)


def request(lora):
    return GenerationRequest(TEXT, 1, cfg_value=2.0, dit_steps=2, lora=lora)


def samples(model, lora="", most=None):
    with torch.random.fork_rng(), closing(model.stream(request(lora))) as outputs:
        made = list(islice(outputs, most))
    return np.concatenate([item for item in made if isinstance(item, np.ndarray)])


def assert_same(made, expected):
    np.testing.assert_allclose(made, expected[: len(made)], atol=OTHER_ORDER_OF_ADDING)


def assert_other(made, expected):
    first_patch = slice(7680)
    assert np.abs(made[first_patch] - expected[first_patch]).max() > 20 * OTHER_ORDER_OF_ADDING


def test_one_after_the_other_says_what_voxcpm_says_with_it(tiny_checkpoint, loras):
    plain = samples(Model(tiny_checkpoint, "cpu"))
    model = Model(tiny_checkpoint, "cpu", loras=find_loras(loras))
    expected = {"": plain} | {
        name: in_voxcpms_way(tiny_checkpoint, loras / name) for name in ("ann", "bob")
    }
    for name in ("", "ann", "bob", "ann", ""):
        made = samples(model, name)
        assert len(made) == len(expected[name])
        assert_same(made, expected[name])
    assert_other(expected["ann"], plain)
    assert_other(expected["bob"], plain)


def test_that_of_the_folder_itself_speaks_for_all(tiny_checkpoint, loras):
    model = Model(tiny_checkpoint, "cpu", loras=find_loras(loras / "ann"))
    assert_same(samples(model), in_voxcpms_way(tiny_checkpoint, loras / "ann"))


def test_layers_and_graphs_for_a_card_speak_with_it(tiny_checkpoint, loras, monkeypatch):
    if importlib.util.find_spec("triton") is None:
        pytest.skip("Triton is not to be had for this machine.")
    monkeypatch.setattr(graphs, "Capture", lambda: called_again)
    monkeypatch.setattr(graphs.kernels(), "snake", snake)  # Triton's interpreter is slow
    model = unfused(tiny_checkpoint, loras)
    expected = {name: in_voxcpms_way(tiny_checkpoint, loras / name) for name in ("ann", "bob")}
    assert_same(samples(model, "bob"), expected["bob"])  # as on Apple's devices
    assert fuse_layers(model._voxcpm)
    for name in ("ann", "bob"):
        assert_same(samples(model, name), expected[name])
    assert capture_graphs(model._voxcpm)
    for name in ("ann", "bob", "ann"):
        assert_same(samples(model, name, most=3), expected[name])


def called_again(compute):
    output = compute()
    return lambda: output.copy_(compute())


def unfused(checkpoint, loras):
    model = Model(checkpoint, "cpu")
    model._loras = LoRASwitch(find_loras(loras))
    model._voxcpm = load_voxcpm(checkpoint, "cpu", loras=model._loras)
    return model


def test_weights_of_8_bits_speak_with_it(tiny_checkpoint, loras):
    model = Model(tiny_checkpoint, "cpu", int8=True, loras=find_loras(loras))
    assert_other(samples(model, "bob", most=3), samples(model, most=3))


def test_another_voxcpm_whose_layers_stay_speaks_with_it(
    tiny_checkpoint, loras, monkeypatch, caplog
):
    monkeypatch.setattr("voxcpm_space.engine.loading.changed", lambda _: ["VoxCPM2Model"])
    with caplog.at_level(logging.WARNING):
        model = Model(tiny_checkpoint, "cpu", loras=find_loras(loras))
    assert "in voxcpm's own way" in caplog.text
    assert_same(samples(model, "ann"), in_voxcpms_way(tiny_checkpoint, loras / "ann"))


def test_what_torch_saved_is_read_too(tiny_checkpoint, loras, tmp_path):
    copy = shutil.copytree(loras / "bob", tmp_path / "bob")
    weights = load_file(copy / "lora_weights.safetensors")
    (copy / "lora_weights.safetensors").unlink()
    torch.save({"state_dict": weights}, copy / "lora_weights.ckpt")
    model = Model(tiny_checkpoint, "cpu", loras=find_loras(tmp_path))
    assert_same(samples(model, "bob"), in_voxcpms_way(tiny_checkpoint, loras / "bob"))


def test_a_fresh_model_has_the_names_of_those_that_can_be_asked_for(loras):
    assert Engine(Settings(lora=loras)).loras == ("ann", "bob")
    assert Engine(Settings(lora=loras / "ann")).loras == ()
    assert Engine(Settings()).loras == ()


def without_config(folder):
    (folder / "lora_config.json").unlink()


def of_another_layer(folder):
    weights = load_file(folder / "lora_weights.safetensors")
    name = next(iter(weights)).rpartition(".")[0]
    renamed = {key.replace(name, "base_lm.layers.99.q_proj"): weights[key] for key in weights}
    save_file(renamed, folder / "lora_weights.safetensors")


def of_another_width(folder):
    weights = load_file(folder / "lora_weights.safetensors")
    wider = {
        key: torch.cat([tensor, tensor]) if key.endswith("B") else tensor
        for key, tensor in weights.items()
    }
    save_file(wider, folder / "lora_weights.safetensors")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (without_config, "is not one of two matrices of rank 8"),
        (of_another_layer, "base_lm.layers.99.q_proj is no layer here that takes it"),
        (of_another_width, "was trained for another model"),
        (lambda folder: (folder / "lora_weights.safetensors").write_bytes(b"x"), "cannot be read"),
        (lambda folder: (folder / "lora_config.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "lora_config.json").write_text("[]"), "training writes"),
    ],
)
def test_what_does_not_fit_ends_the_start_with_a_sentence(
    tiny_checkpoint, loras, tmp_path, spoil, sentence
):
    spoil(shutil.copytree(loras / "ann", tmp_path / "ann"))
    with pytest.raises(StartError, match=r"The LoRA in .*/ann ") as refusal:
        Model(tiny_checkpoint, "cpu", loras=find_loras(tmp_path))
    assert sentence in str(refusal.value)


def test_a_folder_without_any_ends_the_start_with_a_sentence(tmp_path):
    (tmp_path / "step_0001000").mkdir()
    with pytest.raises(StartError, match=r"holds no LoRA: neither lora_weights.safetensors nor"):
        Engine(Settings(lora=tmp_path))


def test_a_layer_that_has_one_is_no_layer_of_voxcpms(tiny_checkpoint, loras):
    layers = Model(tiny_checkpoint, "cpu", loras=find_loras(loras))._voxcpm.base_lm.layers
    assert not any(type(layer) is MiniCPMDecoderLayer for layer in layers)  # still fused


def test_the_process_of_the_model_speaks_with_what_is_asked_for(tiny_checkpoint, loras):
    engine = Engine(Settings(model=str(tiny_checkpoint), device="cpu", lora=loras))
    engine.load()
    try:
        spoken = [
            np.concatenate([item for item in outputs if isinstance(item, np.ndarray)])
            for outputs in (engine.stream(request(name)) for name in ("", "ann", "bob", "ann"))
        ]
    finally:
        engine.stop(grace_seconds=0)
    assert np.array_equal(spoken[1], spoken[3])
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert_other(spoken[one], spoken[other])


@pytest.mark.parametrize("setting", ["lora", "ray"])
def test_on_zerogpu_the_start_ends_with_a_sentence(loras, setting):
    model = object.__new__(ZeroGPUModel)  # its __init__ changes how this process forks
    model._settings = Settings(**{setting: {"lora": loras, "ray": "auto"}[setting]})
    with pytest.raises(StartError, match=f"VOXCPM_{setting.upper()} does not work on ZeroGPU"):
        model.load(lambda: pytest.fail("It goes on to look for the checkpoint"))
