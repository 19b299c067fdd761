"""Tells the length of the vocal tract of one speech from another's: by what all formants differ."""

import numpy as np
from numpy.typing import NDArray

_WINDOW, _HOP = 512, 160  # samples at 16 kHz: 32 ms, each 10 ms
_SMOOTH = 24  # cepstral coefficients: formants, but no harmonics of voices up to 225 Hz
_BAND_HZ = 300, 5000
_RATIOS = np.linspace(0.8, 1.3, 251)
_RATE = 16_000


def formant_ratio(samples: NDArray[np.floating], others: NDArray[np.floating]) -> float:
    """What formants of speech are those of another speech times, 0.8 to 1.3.

    It is the warp of the frequencies at which the slopes of both mean spectra agree best.

    Args:
        samples: At 16 kHz.
        others: At 16 kHz, of the same words.
    """
    at = np.geomspace(*_BAND_HZ, 400)
    hertz = np.linspace(0, _RATE / 2, _WINDOW // 2 + 1)
    wanted = np.gradient(np.interp(at, hertz, _mean_envelope(others)))
    envelope = _mean_envelope(samples)
    warped = [np.gradient(np.interp(at * ratio, hertz, envelope)) for ratio in _RATIOS]
    agreements = [np.corrcoef(slope, wanted)[0, 1] for slope in warped]
    return float(_RATIOS[np.argmax(agreements)])


def _mean_envelope(samples: NDArray[np.floating]) -> NDArray[np.floating]:
    """Log spectrum (_WINDOW // 2 + 1), cepstrally smoothed, of the louder half of all windows."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    loudness = np.square(windows).sum(1)
    loud = windows[loudness >= np.median(loudness)]
    log_power = np.log(np.abs(np.fft.rfft(loud * np.hanning(_WINDOW))) ** 2 + 1e-9)
    cepstrum = np.fft.irfft(log_power.mean(0))
    cepstrum[_SMOOTH:-_SMOOTH] = 0
    return np.fft.rfft(cepstrum).real
