import numpy as np
import pytest

from voxcpm_space.audio import Envelope

RATE = 48_000
PATCH = np.full(7680, 0.1, np.float32)


def test_however_long_a_speech_is_its_waveform_has_few_bars():
    envelope = Envelope()
    for loud in range(5_000):
        envelope.add(PATCH * (5 if loud == 4_000 else 1), RATE)
    assert 100 <= len(envelope.bars) < 200
    assert max(envelope.bars) == 0.5
    assert envelope.bars.index(0.5) / len(envelope.bars) == pytest.approx(0.8, abs=0.02)
