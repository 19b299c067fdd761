"""Finds where in a clip somebody speaks, by energy."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform

FRAME_SAMPLES = 320
FRAME_SECONDS = FRAME_SAMPLES / ENCODER_SAMPLE_RATE
MIN_PAUSE_SECONDS = 0.2
"""Shorter gaps belong to words: a stop consonant closes the mouth for up to 0.15 s."""

_MIN_SPEECH_SECONDS = 0.06
"""Shorter sounds are clicks."""
_LOUD_SECONDS = 0.1
_FLOOR_DBFS = -90.0
_NOISE_PERCENTILE = 10
_RISE = 0.3
"""Speech begins at this part of the way from noise to loud speech, in dB."""
_MAX_RANGE_DB = 40.0
_MIN_RANGE_DB = 6.0


@dataclass(frozen=True)
class Activity:
    """Who speaks when.

    Attributes:
        levels: RMS level of every frame of 20 ms, in dBFS, at least -90, shape (frames,).
    """

    levels: NDArray[np.float64]

    @classmethod
    def of(cls, samples: Waveform) -> "Activity":
        """Measures mono samples at 16 kHz, shape (samples,), at least one frame long."""
        frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        power = np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / FRAME_SAMPLES
        return cls(10 * np.log10(np.maximum(power, 10 ** (_FLOOR_DBFS / 10))))

    @cached_property
    def loud(self) -> float:
        """The level that a tenth of a second of the clip reaches, in dBFS: speech, no click."""
        frames = min(round(_LOUD_SECONDS / FRAME_SECONDS), len(self.levels))
        return float(np.partition(self.levels, -frames)[-frames])

    @cached_property
    def noise(self) -> float:
        """The level of the quietest tenth, in dBFS: what is heard when nobody speaks."""
        return float(np.percentile(self.levels, _NOISE_PERCENTILE))

    @cached_property
    def runs(self) -> NDArray[np.int64]:
        """First and end frame of every stretch of speech, shape (stretches, 2).

        They are at least 0.2 s apart. Where nothing stands out, the whole clip is one.
        """
        threshold = max(self.noise + _RISE * (self.loud - self.noise), self.loud - _MAX_RANGE_DB)
        runs = _runs(self.levels > min(threshold, self.loud - _MIN_RANGE_DB))
        runs = runs[runs[:, 1] - runs[:, 0] >= _MIN_SPEECH_SECONDS / FRAME_SECONDS]
        if not len(runs):
            return np.array([[0, len(self.levels)]])
        pauses = runs[1:, 0] - runs[:-1, 1] >= MIN_PAUSE_SECONDS / FRAME_SECONDS
        starts = runs[np.insert(pauses, 0, True), 0]
        ends = runs[np.append(pauses, True), 1]
        return np.stack([starts, ends], axis=1)

    @property
    def speaking(self) -> NDArray[np.bool_]:
        """Which frames belong to speech, shape (frames,)."""
        marks = np.zeros(len(self.levels) + 1, np.int64)
        marks[self.runs[:, 0]] += 1
        marks[self.runs[:, 1]] -= 1
        return np.cumsum(marks[:-1]) > 0


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges.reshape(-1, 2)
