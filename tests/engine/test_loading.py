"""A checkpoint that is read once is the one that voxcpm would have loaded, bit for bit."""

import json
import logging
import shutil
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file
from voxcpm.model.voxcpm2 import VoxCPM2Model

from tests.tiny_checkpoint import build_tiny_checkpoint
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.loading import load_voxcpm
from voxcpm_space.engine.model import Model
from voxcpm_space.errors import StartError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning"),
]


@pytest.fixture(params=[True, False], ids=["native bfloat16", "no native bfloat16"])
def native(request, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": request.param})
    return request.param


@pytest.fixture
def copy(tiny_checkpoint, tmp_path):
    return shutil.copytree(tiny_checkpoint, tmp_path / "copy")


def in_voxcpms_way(folder, *, native):
    model = VoxCPM2Model.from_local(str(folder), optimize=False, device="cpu")
    return model if native or model.config.dtype != "bfloat16" else model.to(torch.float32)


def tensors(model):
    """All of them, with the tables of positions, which no checkpoint holds."""
    return dict(model.named_parameters()) | dict(model.named_buffers())


def assert_same(model, expected):
    loaded, wanted = tensors(model), tensors(expected)
    assert loaded.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert loaded[name].dtype == tensor.dtype, name
        assert torch.equal(loaded[name], tensor), name


def test_the_real_classes_have_every_bit_that_voxcpm_gives_them(tiny_checkpoint, native):
    assert_same(load_voxcpm(tiny_checkpoint, "cpu"), in_voxcpms_way(tiny_checkpoint, native=native))


def test_the_preview_has_every_bit_that_voxcpm_gives_it(native):
    assert_same(load_voxcpm(PREVIEW_FOLDER, "cpu"), in_voxcpms_way(PREVIEW_FOLDER, native=native))


LOADING = """
import sys
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.model import Model

Model(PREVIEW_FOLDER, "cpu").warm_up()
assert "torch._dynamo" not in sys.modules
"""


def test_torch_s_compiler_is_not_imported_which_takes_seconds():
    subprocess.run([sys.executable, "-W", "ignore", "-c", LOADING], check=True)


def test_weights_that_are_stored_finer_than_the_model_wants_them_are_rounded_as_by_voxcpm(
    copy, native
):
    weights = load_file(copy / "model.safetensors")
    torch.manual_seed(0)
    finer = {name: tensor.float() + 1e-4 * torch.rand(()) for name, tensor in weights.items()}
    save_file(finer, copy / "model.safetensors")
    assert_same(load_voxcpm(copy, "cpu"), in_voxcpms_way(copy, native=native))


def test_an_audiovae_saved_by_torch_is_read_too(copy):
    expected = load_voxcpm(copy, "cpu")
    vae = load_file(copy / "audiovae.safetensors")
    (copy / "audiovae.safetensors").unlink()
    torch.save({"state_dict": vae}, copy / "audiovae.pth")
    assert_same(load_voxcpm(copy, "cpu"), expected)


def test_tensors_that_no_part_of_the_model_wants_are_left_alone(copy, native):
    for name in ("model.safetensors", "audiovae.safetensors"):
        save_file(load_file(copy / name) | {"of_another_time": torch.ones(3)}, copy / name)
    assert_same(load_voxcpm(copy, "cpu"), in_voxcpms_way(copy, native=native))


def test_a_file_that_is_overwritten_later_changes_nothing(copy, native):
    model = load_voxcpm(copy, "cpu")
    for file in copy.glob("*.safetensors"):
        with file.open("r+b") as weights:
            weights.write(bytes(file.stat().st_size))
    assert_same(model, load_voxcpm_again(copy, native=native))


def load_voxcpm_again(copy, *, native):
    shutil.rmtree(copy)
    build_tiny_checkpoint(copy)
    return in_voxcpms_way(copy, native=native)


def test_weights_saved_by_torch_are_loaded_in_voxcpms_way_which_the_log_says(copy, native, caplog):
    expected = load_voxcpm(copy, "cpu")
    torch.save(load_file(copy / "model.safetensors"), copy / "pytorch_model.bin")
    (copy / "model.safetensors").unlink()
    with caplog.at_level(logging.WARNING):
        model = load_voxcpm(copy, "cpu")
    assert "voxcpm's own way: it has no model.safetensors" in caplog.text
    assert_same(model, expected)
    assert model.base_lm.kv_cache.kv_cache.dtype == (torch.bfloat16 if native else torch.float32)


def test_weights_of_another_shape_are_refused(copy, caplog):
    config = json.loads((copy / "config.json").read_text())
    config["lm_config"]["intermediate_size"] += 32
    (copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(StartError, match=r"(?s)on device 'cpu'.*size mismatch"):
        Model(copy, "cpu")
    assert "base_lm.layers.0.mlp.gate_proj.weight has the shape" in caplog.text
