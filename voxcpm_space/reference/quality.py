"""Says what about a clip keeps its clone from being good, and what to do."""

from collections.abc import Iterator

import numpy as np

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.messages import N_, Message
from voxcpm_space.reference.activity import FRAME_SAMPLES, FRAME_SECONDS, Activity

_SHORT_SECONDS = 3.0
_QUIET_DBFS = -45.0
_NOISY_DB = 15.0
_MIN_NOISE_SECONDS = 0.3
"""With less between the words, what is measured there is speech."""
_MAX_CLIPPED = 0.001
"""Share of samples at full scale; of clean speech it is less than one in 10,000."""
_LONG_PAUSE_SECONDS = 2.0
_MAX_PAUSES = 0.5

_SPECTRUM_SAMPLES = 512
_VOICE_HZ, _ABOVE_HZ = (300, 3_400), (4_300, 7_500)
_NARROW_DB = -45.0
"""Sound above the telephone's band against that in it; wide-band speech has -30 to -10 dB."""


def warnings(samples: Waveform, activity: Activity, clipped: Waveform) -> Iterator[Message]:
    """Gives a sentence with advice for each thing that is not as it should be.

    Args:
        samples: The part to clone from, as it was recorded: mono at 16 kHz, shape (samples,).
        activity: Of these samples.
        clipped: The share of clipped samples in each frame, before they were resampled.
    """
    speaking = activity.speaking
    spoken = float(np.sum(speaking)) * FRAME_SECONDS
    if spoken < _SHORT_SECONDS:
        yield N_(
            "There are only {seconds:.1f} s of speech in the clip; 5 to 20 s clone better.",
            seconds=spoken,
        )
    if activity.loud < _QUIET_DBFS:
        yield N_(
            "The clip is very quiet, so its hiss is turned up. Record closer to the microphone."
        )
    if clipped.sum() > _MAX_CLIPPED * len(activity.levels):
        yield N_("The clip is clipped: it was recorded too loudly. Turn the microphone down.")
    if _noise_distance(activity) < _NOISY_DB:
        yield N_(
            "There is much noise in the clip. Record in a quiet room, or have the noise removed."
        )
    if _is_narrow(samples, activity):
        yield N_(
            "The clip sounds like a telephone: it has nothing above 4 kHz. "
            "The clone will be as dull; use a better recording if there is one."
        )
    if _has_long_pauses(activity):
        yield N_(
            "There are long silences in the clip, as if somebody else had been cut out. "
            "Use a stretch in which one person speaks."
        )


def _noise_distance(activity: Activity) -> float:
    """How far loud speech is above what lies between the words, in dB."""
    between = activity.levels[~activity.speaking]
    if len(between) < _MIN_NOISE_SECONDS / FRAME_SECONDS:
        return np.inf
    return activity.loud - float(np.median(between))


def _is_narrow(samples: Waveform, activity: Activity) -> bool:
    frames = samples[: len(activity.levels) * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    windowed = frames[activity.speaking] * np.hanning(FRAME_SAMPLES).astype(np.float32)
    power = np.mean(np.abs(np.fft.rfft(windowed, _SPECTRUM_SAMPLES)) ** 2, axis=0)
    hertz = np.fft.rfftfreq(_SPECTRUM_SAMPLES, 1 / ENCODER_SAMPLE_RATE)
    voice, above = (
        float(np.mean(power[(hertz > low) & (hertz < high)]))
        for low, high in (_VOICE_HZ, _ABOVE_HZ)
    )
    return above < voice * 10 ** (_NARROW_DB / 10)


def _has_long_pauses(activity: Activity) -> bool:
    runs = activity.runs
    pauses = (runs[1:, 0] - runs[:-1, 1]) * FRAME_SECONDS
    total = (runs[-1, 1] - runs[0, 0]) * FRAME_SECONDS
    return bool(len(pauses)) and bool(
        pauses.max() > _LONG_PAUSE_SECONDS or pauses.sum() > _MAX_PAUSES * total
    )
