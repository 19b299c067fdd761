import pytest

from voxcpm_space.reference import decode as decoding
from voxcpm_space.reference import ffmpeg_worker


def written_here(content, samples):
    """Decodes as FFmpeg's worker does, without the 0.2 s in which its process starts."""
    limits = decoding.MAX_SECONDS, decoding.MAX_SAMPLES
    return ffmpeg_worker.decode(content, samples, *limits)


@pytest.fixture
def ffmpeg_in_process(monkeypatch):
    monkeypatch.setattr(decoding, "_written_by_worker", written_here)
