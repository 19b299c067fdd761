"""Listens: words by pocketsphinx, pitch by WORLD."""

import re
from functools import cache

import numpy as np
import pyworld
import soxr
from numpy.typing import NDArray
from pocketsphinx import Decoder

RATE = 16_000
_LEVEL = 0.06  # RMS that the recognizer is given
_NOISE = 1e-3  # it stumbles over digital silence
_WORD = re.compile(r"[a-z']+")


@cache
def recognizer() -> Decoder:
    return Decoder(samprate=RATE, loglevel="FATAL")


def at_16_khz(samples: NDArray[np.floating], rate: int) -> NDArray[np.float64]:
    return soxr.resample(samples.astype(np.float64), rate, RATE)


def words(samples: NDArray[np.floating]) -> list[str]:
    """What is recognized in samples at 16 kHz, with an open vocabulary."""
    level = np.sqrt(np.mean(samples**2)) + 1e-9
    padded = np.pad(samples * _LEVEL / level, RATE // 5)
    padded = padded + np.random.default_rng(0).normal(size=len(padded)) * _NOISE
    decoder = recognizer()
    decoder.start_utt()
    decoder.process_raw((np.clip(padded, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return found.hypstr.split() if found else []


def word_errors(wanted: str, heard: list[str]) -> tuple[int, int]:
    """Substituted, missing and added words; and how many there should be."""
    expected = _WORD.findall(wanted.lower())
    row = list(range(len(heard) + 1))
    for number, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], number
        for column, other in enumerate(heard, 1):
            best = min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
            diagonal, row[column] = row[column], best
    return row[-1], len(expected)


def median_pitch(samples: NDArray[np.floating]) -> float:
    """Median F0 in Hz of samples at 16 kHz; 0 where nothing is voiced."""
    f0, _ = pyworld.harvest(samples.astype(np.float64), RATE, f0_floor=60, f0_ceil=400)
    voiced = f0[f0 > 0]
    return float(np.median(voiced)) if len(voiced) else 0.0
