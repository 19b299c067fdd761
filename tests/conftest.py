import os
import subprocess

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: two workers and all their servers

import numpy as np
import pytest
import soundfile

from tests.tiny_checkpoint import build_tiny_checkpoint
from voxcpm_space.engine import Engine
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory):
    return build_tiny_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def engine(tiny_checkpoint):
    engine = Engine(Settings(model=str(tiny_checkpoint), device="cpu"))
    engine.load()
    yield engine
    engine.stop(grace_seconds=0)


@pytest.fixture(autouse=True)
def uploads(tmp_path, monkeypatch):
    """Gradio's upload folder, empty for every test."""
    folder = tmp_path / "gradio"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of its own, of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder], check=False
    )
    if mounted.returncode:
        pytest.skip("Only an administrator can mount a small disk.")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def studio(engine):
    return Studio(Settings(asr_model=""), engine, Outputs(keep_seconds=3600))


@pytest.fixture
def made_files(uploads):
    """Lists the speech files that are there now."""
    return lambda: sorted((uploads / "speech").glob("*"))


@pytest.fixture
def upload(uploads):
    """Puts a WAV file where Gradio puts uploads."""

    def put(samples, sample_rate=16_000, name="clip.wav", **options):
        path = uploads / name
        soundfile.write(path, samples, sample_rate, **options)
        return str(path)

    return put


@pytest.fixture
def tone():
    """A clip that passes for a voice: `tone(seconds, hz)`."""

    def make(seconds=2.0, hz=150.0, sample_rate=16_000):
        time = np.arange(int(seconds * sample_rate)) / sample_rate
        return (0.3 * np.sin(2 * np.pi * hz * time)).astype(np.float32)

    return make
