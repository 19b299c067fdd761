"""A picture of a speech, for cloning below that of its clip, each with its pitch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.messages import N_, Message
from voxcpm_space.pictures.drawing import WIDTH, Picture, image_source, rows_of_pitch, strengths
from voxcpm_space.pictures.pitch import HIGHEST_HZ, LOWEST_HZ, f0_track

_SOUND, _PITCH = (15, 148, 136), (234, 88, 12)
"""Of the theme, in the middle between light and dark pages."""
_BETWEEN = 16


def speech_picture(speech: Waveform, clip: Waveform | None = None) -> Picture:
    """Gives the picture.

    Args:
        speech: Mono at 16 kHz, shape (samples,).
        clip: What was used of the clip whose voice it has, the same way.
    """
    sounds = [speech] if clip is None else [clip, speech]
    names = [N_("The speech")]
    if clip is not None:
        names = [N_("Above the clip"), N_("Below the speech")]
    tracks = [f0_track(sound, WIDTH) for sound in sounds]
    caption = [_words(*one) for one in zip(names, sounds, tracks, strict=True)]
    caption.append(
        N_(
            "The line is the pitch, from {lowest:.0f} to {highest:.0f} Hz.",
            lowest=LOWEST_HZ,
            highest=HIGHEST_HZ,
        )
    )
    source = image_source(_pixels(sounds, tracks))
    return Picture(source, N_("Waveform and mel spectrogram."), tuple(caption), len(sounds))


def _words(name: Message, sound: Waveform, track: NDArray[np.float64]) -> Message:
    seconds = len(sound) / ENCODER_SAMPLE_RATE
    if np.isnan(track).all():
        return N_("{name}: {seconds:.1f} s, no pitch.", name=name, seconds=seconds)
    return N_(
        "{name}: {seconds:.1f} s, median F0 {hertz:.0f} Hz.",
        name=name,
        seconds=seconds,
        hertz=np.nanmedian(track),
    )


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
