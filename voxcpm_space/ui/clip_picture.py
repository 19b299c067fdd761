"""A picture of a reference clip: waveform above mel spectrogram, the used part in colour."""

from collections.abc import Sequence

import numpy as np

from voxcpm_space.messages import N_
from voxcpm_space.reference import Reference
from voxcpm_space.ui.drawing import WIDTH, image_source, strengths
from voxcpm_space.ui.words import html

# Of the theme, in the middle between light and dark pages; strength is opacity.
_USED, _UNUSED = (15, 148, 136), (148, 163, 184)


def clip_picture(reference: Reference, language: str) -> str:
    """Gives HTML with the picture, what is used of the clip, and the advice."""
    opacity = strengths(reference.whole)
    edges = np.array([reference.start, reference.end]) / reference.seconds * WIDTH
    columns = np.arange(WIDTH)
    used = (columns >= edges[0] - 1) & (columns <= edges[1])
    pixels = np.empty((*opacity.shape, 4), np.uint8)
    pixels[..., :3] = np.where(used[:, None], _USED, _UNUSED)
    pixels[..., 3] = 255 * opacity * np.where(used, 1, 0.6)
    used_part = N_(
        "{start:.1f} to {end:.1f} s of {seconds:.1f} s are used.",
        start=reference.start,
        end=reference.end,
        seconds=reference.seconds,
    )
    shown = html(used_part, language)
    picture = html(N_("Waveform and mel spectrogram of the clip."), language)
    below = "" if reference.is_part else f"<figcaption class='hint'>{shown}</figcaption>"
    return (
        f"<figure class='clip'><img src='{image_source(pixels)}' "
        f"alt='{picture} {shown}'>{below}</figure>"
        + advice(reference.warnings, language)  # of which one says the part
    )


def advice(warnings: Sequence[str], language: str) -> str:
    """Gives HTML with a line for each sentence."""
    return "".join(f"<p class='advice'>{html(warning, language)}</p>" for warning in warnings)
