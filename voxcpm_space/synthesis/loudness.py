"""Where there is sound in samples, and how loud it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voxcpm_space.audio import Waveform

FRAME_SECONDS = 0.01
SILENCE_POWER = 10 ** (-50 / 10)
"""Of full scale: what VoxCPM2 leaves between words is below it, and a whisper above."""


@dataclass(frozen=True)
class Loudness:
    """What is heard in samples, by frames of 10 ms.

    Attributes:
        start: Sample at which the first sound starts; the number of samples where there is none.
        end: Sample at which the last sound ends; 0 where there is none.
        frames: How many have sound.
        power: Sum over these of their mean square.
    """

    start: int
    end: int
    frames: int
    power: float

    @property
    def seconds(self) -> float:
        """Of sound, without the silence inside."""
        return self.frames * FRAME_SECONDS


def measure_loudness(samples: Waveform, sample_rate: int) -> Loudness:
    """Listens to mono samples, shape (samples,); a rest shorter than a frame counts as one."""
    size = round(FRAME_SECONDS * sample_rate)
    by_frame = powers(samples, sample_rate)
    loud = np.flatnonzero(by_frame > SILENCE_POWER)
    if not len(loud):
        return Loudness(len(samples), 0, 0, 0.0)
    end = min((int(loud[-1]) + 1) * size, len(samples))
    return Loudness(int(loud[0]) * size, end, len(loud), float(by_frame[loud].sum()))


def powers(samples: Waveform, sample_rate: int) -> NDArray[np.float64]:
    """Gives the mean square of each frame, shape (frames,)."""
    size = round(FRAME_SECONDS * sample_rate)
    starts = np.arange(0, len(samples), size)
    if not len(starts):
        return np.zeros(0)
    lengths = np.minimum(size, len(samples) - starts)
    means: NDArray[np.float64] = np.add.reduceat(samples.astype(np.float64) ** 2, starts) / lengths
    return means
