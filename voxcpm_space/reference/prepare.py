"""Checks a decoded clip."""

import numpy as np

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.errors import InputError

MIN_SECONDS = 1.0
MIN_PEAK = 10 ** (-50 / 20)
"""Under -50 dBFS there is no voice to hear, only a quiet room."""


def check(samples: Waveform) -> None:
    """Refuses what is no voice.

    Args:
        samples: Mono at 16 kHz, shape (samples,).

    Raises:
        InputError: Says what is wrong.
    """
    if len(samples) < MIN_SECONDS * ENCODER_SAMPLE_RATE:
        raise InputError(
            f"The reference clip is only {len(samples) / ENCODER_SAMPLE_RATE:.1f} s long. "
            "Please use at least 1 s; 5 to 20 s of clear speech are best."
        )
    if not np.isfinite(samples).all():
        raise InputError("The reference clip holds samples that are not numbers; it is damaged.")
    if np.abs(samples).max() < MIN_PEAK:
        raise InputError(
            "The reference clip is silent. Please record it again closer to the microphone."
        )
