import numpy as np
import pytest
import soundfile

from voxcpm_space.engine import EncodedReference
from voxcpm_space.voices import Voice, voice_file


@pytest.fixture
def folder(tmp_path):
    """An operator's folder of voices."""
    folder = tmp_path / "voices"
    folder.mkdir()
    return folder


@pytest.fixture
def put_clip(folder, tone):
    """Puts a clip into it, with a transcript where there is one."""

    def put(name, transcript=None, hz=150.0):
        soundfile.write(folder / name, tone(2.0, hz), 16_000)
        if transcript is not None:
            (folder / name).with_suffix(".txt").write_text(transcript, "utf-8")
        return folder / name

    return put


@pytest.fixture
def put_kept(folder, engine):
    """Puts a kept voice into it."""

    def put(name):
        latents = np.random.default_rng(1).standard_normal((32, 4, 64)).astype(np.float32)
        voice = Voice(EncodedReference(latents), engine.status.model)
        (folder / name).write_bytes(voice_file(voice))
        return voice

    return put
