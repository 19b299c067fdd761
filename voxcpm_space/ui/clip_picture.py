"""A picture of a reference clip: waveform above mel spectrogram, the used part in colour."""

import base64
import io
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.reference import Reference

_WIDTH, _WAVE_HEIGHT, _MELS = 900, 90, 80
_WINDOW = 512
_RANGE_DB = 70.0
# Of the theme, in the middle between light and dark pages; strength is opacity.
_USED, _UNUSED = (15, 148, 136), (148, 163, 184)


def clip_picture(reference: Reference) -> str:
    """Gives HTML with the picture, what is used of the clip, and the advice."""
    whole = reference.whole
    strengths = np.vstack([_waveform(whole), np.zeros((6, _WIDTH)), _mel_spectrogram(whole)])
    edges = np.array([reference.start, reference.end]) / reference.seconds * _WIDTH
    columns = np.arange(_WIDTH)
    used = (columns >= edges[0] - 1) & (columns <= edges[1])
    pixels = np.empty((*strengths.shape, 4), np.uint8)
    pixels[..., :3] = np.where(used[:, None], _USED, _UNUSED)
    pixels[..., 3] = 255 * strengths * np.where(used, 1, 0.6)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    source = base64.b64encode(file.getvalue()).decode()
    caption = (
        f"{reference.start:.1f} to {reference.end:.1f} s of {reference.seconds:.1f} s are used."
    )
    below = "" if reference.is_part else f"<figcaption class='hint'>{caption}</figcaption>"
    return (
        f"<figure class='clip'><img src='data:image/png;base64,{source}' "
        f"alt='Waveform and mel spectrogram of the clip. {caption}'>{below}</figure>"
        + advice(reference.warnings)  # of which one says the part
    )


def advice(warnings: tuple[str, ...]) -> str:
    """Gives HTML with a line for each sentence."""
    return "".join(f"<p class='advice'>{escape(warning)}</p>" for warning in warnings)


def _waveform(whole: Waveform) -> NDArray[np.float64]:
    """Opacity of each pixel, shape (height, width)."""
    columns = np.array_split(np.abs(whole), _WIDTH)
    peaks = np.array([column.max() for column in columns]) / max(np.abs(whole).max(), 1e-9)
    distance = np.abs(np.linspace(-1, 1, _WAVE_HEIGHT))[:, None]
    drawn: NDArray[np.bool_] = distance <= np.maximum(peaks, 1 / _WAVE_HEIGHT)
    return drawn.astype(np.float64)


def _mel_spectrogram(whole: Waveform) -> NDArray[np.float64]:
    """Opacity of each pixel, shape (mels, width): from 70 dB below the loudest to it."""
    # Imported here: it takes a second, in which the page is up already.
    from transformers.audio_utils import mel_filter_bank  # noqa: PLC0415

    starts = np.linspace(0, len(whole) - _WINDOW, _WIDTH).astype(int)
    frames = np.lib.stride_tricks.sliding_window_view(whole, _WINDOW)[starts]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW))) ** 2
    top = ENCODER_SAMPLE_RATE / 2
    filters = mel_filter_bank(_WINDOW // 2 + 1, _MELS, 0, top, ENCODER_SAMPLE_RATE, mel_scale="htk")
    decibels = 10 * np.log10(np.maximum(power @ filters, 1e-12)).T[::-1]
    shown: NDArray[np.float64] = np.clip((decibels - decibels.max()) / _RANGE_DB + 1, 0, 1)
    return shown
