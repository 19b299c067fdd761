"""Listens by measuring."""

import numpy as np
import soundfile
from numpy.typing import NDArray

_FRAME_SECONDS = 0.05
_LOWEST_HZ, _HIGHEST_HZ = 60, 400
_VOICED, _NEAR = 0.6, 0.85


def read(path) -> tuple[NDArray[np.float32], int]:
    samples, sample_rate = soundfile.read(path, dtype="float32")
    return samples, sample_rate


def level_dbfs(samples: NDArray[np.float32]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-9))


def median_f0(samples: NDArray[np.float32], sample_rate: int) -> float:
    """Median over voiced frames of the shortest strong period of the autocorrelation, in Hz."""
    size = int(_FRAME_SECONDS * sample_rate)
    shortest, longest = sample_rate // _HIGHEST_HZ, sample_rate // _LOWEST_HZ
    found = []
    for start in range(0, len(samples) - size, size // 2):
        frame = samples[start : start + size] - samples[start : start + size].mean()
        spectrum = np.fft.rfft(frame, 2 * size)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:size]
        if correlation[0] <= 0:
            continue
        correlation = correlation / correlation[0] * size / (size - np.arange(size))
        strengths = correlation[shortest:longest]
        if strengths.max() > _VOICED:
            # Twice the period is as strong, so the first near the maximum is the voice's.
            first = int(np.argmax(strengths > _NEAR * strengths.max()))
            peak = first + int(np.argmax(strengths[first : first + shortest // 2]))
            found.append(sample_rate / (shortest + peak))
    return float(np.median(found))
