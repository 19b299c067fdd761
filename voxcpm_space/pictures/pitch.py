"""How high a voice is from moment to moment."""

import numpy as np
from numpy.typing import NDArray

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform

LOWEST_HZ, HIGHEST_HZ = 60.0, 400.0
_WINDOW = 800
"""50 ms: three periods of the lowest voice."""
_VOICED = 0.6
"""Of its energy a frame has in its period where a voice has a pitch."""
_NEAR = 0.85
_LOUD = 10 ** (-35 / 10)
"""Of the loudest frame's power; softer ones are breath and room."""


def f0_track(samples: Waveform, columns: int) -> NDArray[np.float64]:
    """Gives the fundamental frequency in Hz at evenly spread moments, NaN where there is none.

    It is that of the shortest strong period of the autocorrelation.

    Args:
        samples: Mono at 16 kHz, shape (samples,).
        columns: How many moments.
    """
    samples = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    starts = np.linspace(0, len(samples) - _WINDOW, columns).astype(int)
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[starts].astype(np.float64)
    frames -= frames.mean(axis=1, keepdims=True)
    correlation = np.fft.irfft(np.abs(np.fft.rfft(frames, 2 * _WINDOW)) ** 2)[:, :_WINDOW]
    power = correlation[:, :1]
    shortest = int(ENCODER_SAMPLE_RATE / HIGHEST_HZ)
    longest = int(ENCODER_SAMPLE_RATE / LOWEST_HZ) + 1
    # Fewer samples overlap at longer periods.
    periods = correlation * _WINDOW / (_WINDOW - np.arange(_WINDOW)) / np.maximum(power, 1e-12)
    strong = periods[:, shortest:longest]
    best = strong.max(axis=1)
    # Twice the period is as strong, so the first near the strongest is the voice's.
    first = np.argmax(strong > _NEAR * best[:, None], axis=1)
    nearby = np.minimum(first[:, None] + np.arange(shortest // 2), strong.shape[1] - 1)
    peak = np.take_along_axis(nearby, _argmax_of(strong, nearby), axis=1)[:, 0]
    is_voiced = (best > _VOICED) & (power[:, 0] > _LOUD * power.max())
    return np.where(is_voiced, ENCODER_SAMPLE_RATE / (shortest + peak), np.nan)


def _argmax_of(values: NDArray[np.float64], places: NDArray[np.int_]) -> NDArray[np.int_]:
    found: NDArray[np.int_] = np.take_along_axis(values, places, axis=1).argmax(axis=1)
    return found[:, None]
