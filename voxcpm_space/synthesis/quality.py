"""Segments that went wrong, told by what can be measured."""

import math

from voxcpm_space.audio import Waveform
from voxcpm_space.engine import FinishReason
from voxcpm_space.messages import N_, Message
from voxcpm_space.synthesis.loudness import measure_loudness
from voxcpm_space.text import estimate_seconds

# Wide, since people differ, estimates are rough, and a good one that is made again costs a
# second one: spoken at three times the usual speed a text could not be understood.
_SLOWEST, _FASTEST = 3.0, 0.3
_LEEWAY_LONG, _LEEWAY_SHORT = 3.0, 1.0
"""Seconds, for short texts, where an estimate means little."""


def find_fault(
    samples: Waveform, sample_rate: int, text: str, *, finish_reason: FinishReason | None
) -> Message | None:
    """Says in a few words what is wrong with a segment; None where nothing is.

    Args:
        samples: All of it, mono, shape (samples,).
        sample_rate: In Hz.
        text: What it should say.
        finish_reason: Of its generation; None where that was ended early.
    """
    heard = measure_loudness(samples, sample_rate).seconds
    expected = estimate_seconds(text)
    if not heard:
        return N_("it is silent")
    if finish_reason == "length":
        return N_("it did not come to an end")
    if len(samples) / sample_rate > longest_seconds(text):
        return N_("it is far too long for its text")
    if heard < _FASTEST * expected - _LEEWAY_SHORT:
        return N_("it is far too short for its text")
    return None


def longest_seconds(text: str) -> float:
    """Gives the seconds of audio beyond which a segment is far too long, whatever follows."""
    return _SLOWEST * estimate_seconds(text) + _LEEWAY_LONG


def duration_error(samples: Waveform, sample_rate: int, text: str) -> float:
    """Tells how far a segment is from the length that its text should have; 0 is best."""
    heard = measure_loudness(samples, sample_rate).seconds
    return abs(math.log(heard / estimate_seconds(text))) if heard else math.inf
