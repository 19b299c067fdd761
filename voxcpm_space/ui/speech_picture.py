"""A picture of a speech, for cloning below that of its clip, each with its pitch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.ui.drawing import WIDTH, image_source, rows_of_pitch, strengths
from voxcpm_space.ui.pitch import HIGHEST_HZ, LOWEST_HZ, f0_track

_SOUND, _PITCH = (15, 148, 136), (234, 88, 12)
"""Of the theme, in the middle between light and dark pages."""
_BETWEEN = 16
_SCALE = f"The line is the pitch, from {LOWEST_HZ:.0f} to {HIGHEST_HZ:.0f} Hz."


def speech_picture(speech: Waveform, clip: Waveform | None = None) -> str:
    """Gives HTML with the picture and what it shows in words.

    Args:
        speech: Mono at 16 kHz, shape (samples,).
        clip: What was used of the clip whose voice it has, the same way.
    """
    sounds = [speech] if clip is None else [clip, speech]
    names = ["The speech"] if clip is None else ["Above the clip", "Below the speech"]
    tracks = [f0_track(sound, WIDTH) for sound in sounds]
    words = [_words(*one) for one in zip(names, sounds, tracks, strict=True)]
    caption = " ".join([*words, _SCALE])
    return (
        f"<figure class='clip x{len(sounds)}'><img src='{image_source(_pixels(sounds, tracks))}' "
        f"alt='Waveform and mel spectrogram. {caption}'>"
        f"<figcaption class='hint'>{caption}</figcaption></figure>"
    )


def _words(name: str, sound: Waveform, track: NDArray[np.float64]) -> str:
    seconds = f"{name}: {len(sound) / ENCODER_SAMPLE_RATE:.1f} s"
    if np.isnan(track).all():
        return f"{seconds}, no pitch."
    return f"{seconds}, median F0 {np.nanmedian(track):.0f} Hz."


def _pixels(sounds: Sequence[Waveform], tracks: Sequence[NDArray[np.float64]]) -> NDArray[np.uint8]:
    panels = [_panel(*one) for one in zip(sounds, tracks, strict=True)]
    between = np.zeros((_BETWEEN, WIDTH, 4), np.uint8)
    return np.vstack([panels[0], *(part for panel in panels[1:] for part in (between, panel))])


def _panel(sound: Waveform, track: NDArray[np.float64]) -> NDArray[np.uint8]:
    opacity = strengths(sound)
    pixels = np.empty((*opacity.shape, 4), np.uint8)
    pixels[..., :3] = _SOUND
    pixels[..., 3] = 255 * opacity
    columns = np.flatnonzero(~np.isnan(track))
    rows = rows_of_pitch(track[columns], LOWEST_HZ, HIGHEST_HZ)
    for thickness in (-1, 0, 1):
        at = np.clip(rows + thickness, 0, len(pixels) - 1)
        pixels[at, columns] = (*_PITCH, 255)
    return pixels
