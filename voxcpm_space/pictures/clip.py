"""A picture of a reference clip: waveform above mel spectrogram, the used part in colour."""

import numpy as np

from voxcpm_space.messages import N_
from voxcpm_space.pictures.drawing import WIDTH, Picture, image_source, strengths
from voxcpm_space.reference import Reference

# Of the theme, in the middle between light and dark pages; strength is opacity.
_USED, _UNUSED = (15, 148, 136), (148, 163, 184)


def clip_picture(reference: Reference) -> Picture:
    """Gives the picture, with what is used of the clip as its caption."""
    opacity = strengths(reference.whole)
    edges = np.array([reference.start, reference.end]) / reference.seconds * WIDTH
    columns = np.arange(WIDTH)
    used = (columns >= edges[0] - 1) & (columns <= edges[1])
    pixels = np.empty((*opacity.shape, 4), np.uint8)
    pixels[..., :3] = np.where(used[:, None], _USED, _UNUSED)
    pixels[..., 3] = 255 * opacity * np.where(used, 1, 0.6)
    caption = N_(
        "Using {start}–{end} of {seconds}.",  # noqa: RUF001  (from one to the other)
        start=_clock(reference.start),
        end=_clock(reference.end),
        seconds=_clock(reference.seconds),
    )
    title = N_("Waveform and mel spectrogram of the clip.")
    return Picture(image_source(pixels), title, (caption,))


def _clock(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes}:{left:02}"
