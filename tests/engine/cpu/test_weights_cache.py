"""Weights of 8 bits are computed at the first load; what the next ones read is the same."""

import logging
import resource
import shutil
import threading
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.engine.test_optimizations import samples_of
from voxcpm_space.engine import Engine, optimizations
from voxcpm_space.engine.cpu import weights_cache
from voxcpm_space.engine.cpu.linear import quantize
from voxcpm_space.engine.model import Model
from voxcpm_space.settings import Settings

pytestmark = pytest.mark.slow

LAYERS = 5


@pytest.fixture
def checkpoint(tiny_checkpoint, tmp_path):
    return shutil.copytree(tiny_checkpoint, tmp_path / "checkpoint")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def quantized(monkeypatch):
    """The weights that were computed, rather than read."""
    weights = []

    def watched(weight):
        weights.append(weight)
        return quantize(weight)

    monkeypatch.setattr(optimizations, "quantize", watched)
    return weights


def loaded(checkpoint, folder):
    return samples_of(Model(checkpoint, "cpu", int8=True, cache=folder), seed=1)


def files(folder):
    return sorted(folder.rglob("*.safetensors"))


def test_the_second_load_computes_no_weights_and_speaks_the_same(checkpoint, folder, quantized):
    first = loaded(checkpoint, folder)
    assert len(quantized) == 4 * LAYERS
    assert [path.suffix for path in folder.glob("*/*")] == [".safetensors"] * LAYERS
    assert np.array_equal(loaded(checkpoint, folder), first)
    assert len(quantized) == 4 * LAYERS
    exact = samples_of(Model(checkpoint, "cpu", int8=True), seed=1)
    assert np.array_equal(exact, first)


def test_that_of_a_large_checkpoint_is_beside_it_unless_a_folder_is_set(checkpoint, monkeypatch):
    loaded(checkpoint, None)
    assert not (checkpoint / ".voxcpm-int8").exists()
    monkeypatch.setattr(weights_cache, "_WORTH_CACHING", 0)
    loaded(checkpoint, None)
    assert len(files(checkpoint / ".voxcpm-int8")) == LAYERS


def truncated(file):
    file.write_bytes(file.read_bytes()[:-100])


def flipped(file):
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


def foreign(file):
    save_file(load_file(file), file, {"key": "of another checkpoint", "crc32": "0"})


def emptied(file):
    file.write_bytes(b"")


@pytest.mark.parametrize("spoil", [truncated, flipped, foreign, emptied])
def test_what_is_not_as_it_was_written_is_made_anew_with_one_line_in_the_log(
    checkpoint, folder, quantized, caplog, spoil
):
    first = loaded(checkpoint, folder)
    for file in files(folder)[:2]:
        spoil(file)
    quantized.clear()
    with caplog.at_level(logging.INFO):
        assert np.array_equal(loaded(checkpoint, folder), first)
    assert len(quantized) == 4 * 2
    assert caplog.text.count("thrown away and made anew") == 1
    quantized.clear()
    loaded(checkpoint, folder)
    assert not quantized


def test_other_weights_at_the_same_place_of_the_same_size_and_time_are_told_apart(
    checkpoint, folder, quantized
):
    loaded(checkpoint, folder)
    file = checkpoint / "model.safetensors"
    weights, times = load_file(file), file.stat()
    save_file({name: tensor * 2 for name, tensor in weights.items()}, file)
    weights_cache.os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    quantized.clear()
    loaded(checkpoint, folder)
    assert len(quantized) == 4 * LAYERS


def test_those_of_another_version_are_deleted(checkpoint, folder, monkeypatch):
    loaded(checkpoint, folder)
    before = files(folder)
    monkeypatch.setattr(torch, "__version__", "3.0.0")
    loaded(checkpoint, folder)
    assert len(files(folder)) == LAYERS
    assert not set(before) & set(files(folder))


@contextmanager
def full_disk():
    """No file may be longer than 4 kB; Python ignores the signal that says so."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_one_line_in_the_log(checkpoint, folder, caplog):
    with full_disk():
        assert loaded(checkpoint, folder).size
    assert caplog.text.count("are not kept for the next start") == 1
    assert not list(folder.glob("*/*"))


def test_a_folder_that_cannot_be_written_is_one_line_in_the_log(checkpoint, folder, caplog):
    folder.write_text("a file in its place")
    assert loaded(checkpoint, folder).size
    assert caplog.text.count("are not kept for the next start") == 1


def test_several_models_load_at_once(checkpoint, folder):
    expected = loaded(checkpoint, folder)
    shutil.rmtree(folder)
    models = []
    threads = [
        threading.Thread(
            target=lambda: models.append(Model(checkpoint, "cpu", int8=True, cache=folder))
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files(folder)) == LAYERS
    assert all(np.array_equal(samples_of(model, 1), expected) for model in models)


def test_the_setting_reaches_the_model_s_process(checkpoint, folder):
    settings = {"model": str(checkpoint), "device": "cpu", "cpu_int8": True, "cache": folder}
    engine = Engine(Settings(**settings))
    engine.load()
    engine.stop(grace_seconds=0)
    assert len(files(folder)) == LAYERS
