"""Listens for pitch, by WORLD."""

import numpy as np
import pyworld
import soxr
from numpy.typing import NDArray

from preview_training.recognition import RATE


def at_16_khz(samples: NDArray[np.floating], rate: int) -> NDArray[np.float64]:
    return soxr.resample(samples.astype(np.float64), rate, RATE)


def median_pitch(samples: NDArray[np.floating]) -> float:
    """Median F0 in Hz of samples at 16 kHz; 0 where nothing is voiced."""
    f0, _ = pyworld.harvest(samples.astype(np.float64), RATE, f0_floor=60, f0_ceil=400)
    voiced = f0[f0 > 0]
    return float(np.median(voiced)) if len(voiced) else 0.0
