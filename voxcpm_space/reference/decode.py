"""Decodes and checks an audio file that may be anything."""

from typing import BinaryIO

import numpy as np
import soundfile
import soxr

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.errors import InputError

MIN_SECONDS = 1.0
MIN_PEAK = 10 ** (-50 / 20)
"""Under -50 dBFS there is no voice to hear, only a quiet room."""

_SAMPLE_RATES = range(4_000, 192_001)
_MAX_CHANNELS = 8
_BLOCK_FRAMES = 65_536


def decode(file: BinaryIO, max_seconds: float) -> Waveform:
    """Reads a clip in any format of libsndfile (WAV, FLAC, MP3, OGG, AIFF, ...).

    Args:
        file: The encoded clip. Its header is not trusted: reading stops at the limit.
        max_seconds: Longest clip allowed.

    Returns:
        Mono samples at 16 kHz, shape (samples,).

    Raises:
        InputError: It is not audio, damaged, silent, under 1 s or over `max_seconds`.
    """
    try:
        with soundfile.SoundFile(file) as sound:
            if sound.samplerate not in _SAMPLE_RATES or sound.channels > _MAX_CHANNELS:
                raise InputError(
                    "The reference clip has an unusual sample rate or number of channels. "
                    "Please save it as mono or stereo at 16 to 48 kHz."
                )
            mono = _read_mono(sound, max_seconds)
            sample_rate = sound.samplerate
    except soundfile.LibsndfileError as error:
        raise InputError(
            "The reference clip is not audio that can be read here, or it is damaged. "
            "Please use a WAV, FLAC, MP3 or OGG file."
        ) from error
    _check(mono, sample_rate)
    resampled: Waveform = soxr.resample(mono, sample_rate, ENCODER_SAMPLE_RATE)
    return resampled


def _read_mono(sound: soundfile.SoundFile, max_seconds: float) -> Waveform:
    max_frames = int(max_seconds * sound.samplerate)
    blocks: list[Waveform] = []
    frames = 0
    while frames <= max_frames:
        block = sound.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)
        if not len(block):
            return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
        blocks.append(block.mean(axis=1))
        frames += len(block)
    raise InputError(
        f"The reference clip is longer than {max_seconds:g} s. "
        "Please cut it; 5 to 20 s of clear speech are best."
    )


def _check(mono: Waveform, sample_rate: int) -> None:
    if len(mono) < MIN_SECONDS * sample_rate:
        raise InputError(
            f"The reference clip is only {len(mono) / sample_rate:.1f} s long. "
            "Please use at least 1 s; 5 to 20 s of clear speech are best."
        )
    if not np.isfinite(mono).all():
        raise InputError("The reference clip holds samples that are not numbers; it is damaged.")
    if np.abs(mono).max() < MIN_PEAK:
        raise InputError(
            "The reference clip is silent. Please record it again closer to the microphone."
        )
