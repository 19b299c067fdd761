"""Makes of whatever was recorded the clip that VoxCPM2's encoder likes best."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_, Message
from voxcpm_space.reference.activity import FRAME_SAMPLES, Activity
from voxcpm_space.reference.decode import Decoded
from voxcpm_space.reference.denoise import Denoiser
from voxcpm_space.reference.excerpt import choose
from voxcpm_space.reference.quality import warnings

MIN_SECONDS = 1.0
MIN_PEAK = 10 ** (-50 / 20)
"""Under -50 dBFS there is no voice to hear, only a quiet room."""
_SILENT_DBFS = -75.0
"""Of a tenth of a second; a whisper far from the microphone has more."""
LEVEL = 10 ** (-24 / 20)
"""RMS of a prepared clip, that of the example clips: between telephony and broadcasts."""
MAX_PEAK = 0.99


@dataclass(frozen=True)
class Reference:
    """A reference clip, ready for VoxCPM2's encoder.

    Attributes:
        samples: Mono at 16 kHz, shape (samples,), at -24 dBFS RMS or, where peaks would clip, less.
        start: Where in the clip they begin, in seconds.
        whole: The clip as it came, mono at 16 kHz, shape (samples,), to be looked at.
        is_part: Whether the clip was too long to be used from its first to its last word.
        warnings: What about it is not as it should be, in sentences with advice.
        transcript: What is said in the samples; empty where that is not known.
        origin: Where the transcript comes from.
    """

    samples: Waveform
    start: float
    whole: Waveform
    is_part: bool
    warnings: tuple[Message, ...] = ()
    transcript: str = ""
    origin: Literal["given", "recognized", "none"] = "none"

    @property
    def nbytes(self) -> int:
        """Memory that it takes, in bytes."""
        return self.samples.nbytes + self.whole.nbytes

    @property
    def seconds(self) -> float:
        """Length of the whole clip."""
        return len(self.whole) / ENCODER_SAMPLE_RATE

    @property
    def end(self) -> float:
        """Where in the clip the samples end, in seconds."""
        return self.start + len(self.samples) / ENCODER_SAMPLE_RATE

    @property
    def used(self) -> "Reference":
        """The same as if the clip were no longer than what is used of it: to be kept for long."""
        return replace(self, whole=self.samples, start=0.0)


def prepare(
    decoded: Decoded,
    max_seconds: float,
    start: float | None = None,
    denoiser: Denoiser | None = None,
) -> Reference:
    """Takes the best part of a clip, without DC and at the right level.

    Args:
        decoded: The whole clip.
        max_seconds: Most of it to use.
        start: Where the part shall begin, in seconds; None lets us choose.
        denoiser: Removes noise from the part, where that is wanted.

    Raises:
        InputError: It is too short, silent or damaged.
    """
    whole = _checked(decoded.samples)
    samples = whole - whole.mean()
    activity = Activity.of(samples)
    if activity.loud < _SILENT_DBFS:  # a click is no voice, however loud
        raise _silent()
    first, end = choose(activity, max_seconds, start)
    first, end = _long_enough(first * FRAME_SAMPLES, end * FRAME_SAMPLES, len(samples))
    part, missed = _without_noise(samples[first:end], denoiser)
    part = part - part.mean()
    activity = Activity.of(part)
    reference = Reference(
        samples=part * _gain(part, activity),
        start=first / ENCODER_SAMPLE_RATE,
        whole=whole,
        is_part=len(samples) > max_seconds * ENCODER_SAMPLE_RATE,
    )
    used = (_which(reference),) if reference.is_part else ()
    clipped = decoded.clipped[first // FRAME_SAMPLES : end // FRAME_SAMPLES]
    said = (*decoded.warnings, *used, *missed, *warnings(part, activity, clipped))
    return replace(reference, warnings=said)


def _which(part: Reference) -> Message:
    return N_(
        "Of the {seconds:.1f} s of the clip those from {start:.1f} to {end:.1f} s are used.",
        seconds=part.seconds,
        start=part.start,
        end=part.end,
    )


def _long_enough(first: int, end: int, length: int) -> tuple[int, int]:
    """Around a single short word the silence makes up the length."""
    least = int(MIN_SECONDS * ENCODER_SAMPLE_RATE)
    if end - first >= least:
        return first, end
    first = max(0, min(first - (least - (end - first)) // 2, length - least))
    return first, first + least


def _gain(part: Waveform, activity: Activity) -> np.float32:
    """To the right level, measured from the first to the last word, but never to clipping."""
    spoken = part[activity.runs[0, 0] * FRAME_SAMPLES : activity.runs[-1, 1] * FRAME_SAMPLES]
    rms = np.sqrt(np.mean(np.square(spoken), dtype=np.float64))
    gain: np.float32 = np.float32(min(LEVEL / rms, MAX_PEAK / np.abs(part).max()))
    return gain


def _without_noise(
    part: Waveform, denoiser: Denoiser | None
) -> tuple[Waveform, tuple[Message, ...]]:
    if denoiser is None:
        return part, ()
    cleaned, missed = denoiser.denoise(part)
    if Activity.of(cleaned).loud < _SILENT_DBFS:
        return part, (N_("The clip was used with its noise, since nothing is left without it."),)
    return cleaned, missed


def _checked(samples: Waveform) -> Waveform:
    """Gives samples between -1 and 1: files of floats may hold any, such as 16-bit integers."""
    if len(samples) < MIN_SECONDS * ENCODER_SAMPLE_RATE:
        raise InputError(
            N_(
                "The reference clip is only {seconds:.1f} s long. "
                "Please use at least 1 s; 5 to 20 s of clear speech are best.",
                seconds=len(samples) / ENCODER_SAMPLE_RATE,
            )
        )
    if not np.isfinite(samples).all():
        raise InputError(
            N_("The reference clip holds samples that are not numbers; it is damaged.")
        )
    peak = np.abs(samples).max()
    samples = samples / peak if peak > 1 else samples
    if np.ptp(samples) < 2 * MIN_PEAK:  # what is constant is as silent as zero
        raise _silent()
    return samples


def _silent() -> InputError:
    return InputError(
        N_("The reference clip is silent. Please record it again closer to the microphone.")
    )
