"""What speech says, by Whisper base, and how many of its words are wrong."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torchaudio
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

from tests.whisper_base import whisper_base

RATE = 16_000
_LEVEL = 0.06  # RMS that the recognizer is given
_BEAM = 5


@cache
def recognizer() -> WhisperModel:
    return WhisperModel(
        str(whisper_base()),
        device="cpu",
        cpu_threads=1,
        compute_type="int8",
        local_files_only=True,
    )


@cache
def _normalizer() -> EnglishTextNormalizer:
    return EnglishTextNormalizer({})


def normalized(text: str) -> list[str]:
    """Words as they are compared: in lowercase, numbers in digits, without punctuation."""
    spoken = text.replace("(", " ").replace(")", " ")  # else what they hold would be left out
    return str(_normalizer()(spoken)).split()


def text(samples: NDArray[np.floating]) -> str:
    """What is recognized in samples at 16 kHz."""
    level = np.sqrt(np.mean(samples**2)) + 1e-9
    padded = np.pad(np.clip(samples * _LEVEL / level, -1, 1), RATE // 5).astype(np.float32)
    segments, _ = recognizer().transcribe(
        padded, language="en", beam_size=_BEAM, condition_on_previous_text=False
    )
    return "".join(segment.text for segment in segments).strip()


def words(samples: NDArray[np.floating]) -> list[str]:
    """The words recognized in samples at 16 kHz, as they are compared."""
    return normalized(text(samples))


def word_errors(wanted: str, heard: list[str]) -> tuple[int, int]:
    """Substituted, missing and added words; and how many there should be."""
    expected = normalized(wanted)
    return torchaudio.functional.edit_distance(expected, heard), len(expected)


def word_error_rate(sentences: Sequence[str], clips: Sequence[NDArray[np.floating]]) -> float:
    """Misheard, missing and added words of clips at 16 kHz, as a part of those to be said."""
    pairs = zip(sentences, map(words, clips), strict=True)
    wrong, count = zip(*(word_errors(wanted, heard) for wanted, heard in pairs), strict=True)
    return sum(wrong) / sum(count)
