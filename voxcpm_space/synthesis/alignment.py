"""When the sentences of a segment are heard, guessed from their lengths and from the silence."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from voxcpm_space.audio import Waveform
from voxcpm_space.synthesis.loudness import FRAME_SECONDS, SILENCE_POWER, measure_loudness, powers
from voxcpm_space.text import estimate_seconds

_MOST_OFF = 1.0
"""Seconds between where a sentence is estimated to end and where that is looked for."""
_PAUSE_FRAMES = 9
"""As long as that the quietest place is: shorter ones are within words."""
_DISTANCE_DB = 12.0
"""So much quieter the farthest place has to be than the estimated one."""


class Span(NamedTuple):
    """Words, and from when to when they are heard, in seconds."""

    text: str
    start: float
    end: float

    def later(self, seconds: float) -> "Span":
        """Gives the same words so much later."""
        return Span(self.text, self.start + seconds, self.end + seconds)


def align_sentences(
    samples: Waveform, sample_rate: int, sentences: Sequence[str], *, is_cut: bool = False
) -> tuple[Span, ...]:
    """Finds sentences in their audio.

    Args:
        samples: The audio, mono, shape (samples,).
        sample_rate: In Hz.
        sentences: What it says.
        is_cut: Whether it ends before the text does; what was not said is left out.
    """
    if not measure_loudness(samples, sample_rate).frames:
        return (Span(" ".join(sentences), 0.0, len(samples) / sample_rate),)
    estimates = list(map(estimate_seconds, sentences))
    bounds = _bounds(samples, sample_rate, estimates, is_cut=is_cut)
    return tuple(
        Span(sentence, *_sounding(samples, sample_rate, start, end))
        for sentence, (start, end) in zip(sentences, pairwise(bounds), strict=False)
    )


def _bounds(
    samples: Waveform, sample_rate: int, estimates: list[float], *, is_cut: bool
) -> list[int]:
    """Samples at which sentences begin, and that at which the last one ends."""
    heard = measure_loudness(samples, sample_rate)
    seconds = (heard.end - heard.start) / sample_rate
    total = sum(estimates)
    pace = max(seconds, total) / total if is_cut else seconds / total
    ends = [heard.start + round(pace * end * sample_rate) for end in accumulate(estimates)][:-1]
    inner = [
        _quietest(samples, sample_rate, end, pace * min(neighbours) / 2)
        for end, neighbours in zip(ends, pairwise(estimates), strict=True)
        if end < heard.end
    ]
    return [heard.start, *inner, heard.end]


def _quietest(samples: Waveform, sample_rate: int, near: int, seconds: float) -> int:
    """Gives the quietest place that is at most so many seconds away; of equal ones the nearest."""
    size = round(FRAME_SECONDS * sample_rate)
    reach = round(min(seconds, _MOST_OFF) / FRAME_SECONDS)
    first = max(0, near - (reach + _PAUSE_FRAMES // 2) * size)
    around = powers(samples[first : near + (reach + _PAUSE_FRAMES // 2) * size], sample_rate)
    if len(around) < _PAUSE_FRAMES:
        return near
    level = np.convolve(around, np.full(_PAUSE_FRAMES, 1 / _PAUSE_FRAMES), "valid")
    places = first + (np.arange(len(level)) + _PAUSE_FRAMES // 2) * size + size // 2
    away = np.abs(places - near) / (max(1, reach) * size)
    cost = 10 * np.log10(np.maximum(level, SILENCE_POWER)) + _DISTANCE_DB * away
    return int(places[np.argmin(cost)])


def _sounding(samples: Waveform, sample_rate: int, start: int, end: int) -> tuple[float, float]:
    """Takes the silence off both ends; in seconds."""
    heard = measure_loudness(samples[start:end], sample_rate)
    if heard.frames:
        start, end = start + heard.start, start + heard.end
    return start / sample_rate, end / sample_rate
