"""Waveform and mel spectrogram, a column for each pixel of width."""

import base64
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.messages import Message

WIDTH = 900
_WAVE_HEIGHT, _GAP, _MELS = 90, 6, 80
_WINDOW = 512
_RANGE_DB = 70.0


@dataclass(frozen=True)
class Picture:
    """An image of sound.

    Attributes:
        source: The `src` of an HTML element.
        title: What kind of picture it is.
        caption: What it shows, in sentences.
        sounds: How many are drawn, one below the other.
    """

    source: str
    title: Message
    caption: tuple[Message, ...]
    sounds: int = 1


def strengths(whole: Waveform) -> NDArray[np.float64]:
    """Opacity of each pixel of a waveform above a mel spectrogram, shape (height, width).

    Args:
        whole: Mono at 16 kHz, shape (samples,).
    """
    whole = np.pad(whole, (0, max(0, _WINDOW - len(whole))))
    return np.vstack([_waveform(whole), np.zeros((_GAP, WIDTH)), _mel_spectrogram(whole)])


def rows_of_pitch(hertz: NDArray[np.float64], lowest: float, highest: float) -> NDArray[np.int_]:
    """Rows below which `strengths` shows a pitch: from bottom to top of its mel spectrogram."""
    height = np.log(hertz / lowest) / np.log(highest / lowest)
    top = _WAVE_HEIGHT + _GAP
    rows: NDArray[np.int_] = top + np.rint((1 - height) * (_MELS - 1)).astype(int)
    return rows


def image_source(pixels: NDArray[np.uint8]) -> str:
    """Gives an image, shape (height, width, RGBA), as the `src` of an HTML element."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _waveform(whole: Waveform) -> NDArray[np.float64]:
    columns = np.array_split(np.abs(whole), WIDTH)
    peaks = np.array([column.max(initial=0) for column in columns]) / max(np.abs(whole).max(), 1e-9)
    distance = np.abs(np.linspace(-1, 1, _WAVE_HEIGHT))[:, None]
    drawn: NDArray[np.bool_] = distance <= np.maximum(peaks, 1 / _WAVE_HEIGHT)
    return drawn.astype(np.float64)


def _mel_spectrogram(whole: Waveform) -> NDArray[np.float64]:
    """From 70 dB below the loudest to it."""
    # Imported here: it takes a second, in which the page is up already.
    from transformers.audio_utils import mel_filter_bank  # noqa: PLC0415

    starts = np.linspace(0, len(whole) - _WINDOW, WIDTH).astype(int)
    frames = np.lib.stride_tricks.sliding_window_view(whole, _WINDOW)[starts]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW))) ** 2
    top = ENCODER_SAMPLE_RATE / 2
    filters = mel_filter_bank(_WINDOW // 2 + 1, _MELS, 0, top, ENCODER_SAMPLE_RATE, mel_scale="htk")
    decibels = 10 * np.log10(np.maximum(power @ filters, 1e-12)).T[::-1]
    shown: NDArray[np.float64] = np.clip((decibels - decibels.max()) / _RANGE_DB + 1, 0, 1)
    return shown
