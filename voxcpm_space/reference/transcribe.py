"""Writes down what is said in a clip."""

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from huggingface_hub.errors import LocalEntryNotFoundError

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.compat.spaces import is_zero_gpu
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_, Message
from voxcpm_space.reference.concurrency_limit import LimitTimeoutError
from voxcpm_space.reference.lazy_model import FailedModelError, LazyModel, MissingModelError
from voxcpm_space.text import MAX_TRANSCRIPT_LENGTH, validate_line

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

logger = logging.getLogger(__name__)

_WAIT_SECONDS = 60.0
_TURN_SECONDS = 30.0
"""A clone from the clip alone is better than one that waits for the clips of many others."""
_WINDOW_SECONDS = 30
"""What Whisper hears at once; in more it finds its way by the times of the words."""
_MOST_CHARACTERS_PER_SECOND = 30
"""Twice a fast speaker: what is longer is a recognizer that repeats itself."""
_MAX_REMEMBERED = 1024


class Recognizer:
    """Whisper by faster-whisper (CTranslate2), one clip at a time, each once."""

    def __init__(self, model: str, keep_seconds: float = 3600, device: str = "cpu") -> None:
        """Prepares; nothing is loaded before the first clip.

        Args:
            model: One of `faster_whisper.available_models()`, a model in CTranslate2's format by
                its name on the Hub or its folder, or empty for none.
            keep_seconds: Age at which the words of a clip are forgotten.
            device: `auto`, `cpu`, `cuda` or `cuda:N`. On a card it computes in float16, if
                CTranslate2 can use it; anywhere else, and on ZeroGPU, on the CPU in int8.
        """
        self._model = model
        self._device = "cpu" if is_zero_gpu() else device
        self._whisper = LazyModel(N_("The speech recognizer"), self._load)
        self._transcripts: SingleFlightCache[str] = SingleFlightCache(
            _MAX_REMEMBERED, keep_seconds, size_of=lambda _: 1
        )

    def transcribe(self, samples: Waveform) -> tuple[str, tuple[Message, ...]]:
        """Gives the words of a clip, or none and, where that was not the clip, a sentence why.

        There are none where it is off, not there yet, busy for long, or hears nothing that can be
        words: one that must be downloaded is not waited for.

        Args:
            samples: Mono at 16 kHz, shape (samples,).
        """
        if not self._model:
            return "", ()
        key = hashlib.sha256(samples.tobytes()).digest()
        try:
            return self._transcripts.get(key, lambda: self._made(samples)), ()
        except MissingModelError as error:
            return "", (_without(error.message),)
        except LimitTimeoutError:
            return "", (_without(N_("The speech recognizer is busy with the clips of others.")),)
        except FailedModelError:
            return "", ()

    def _made(self, samples: Waveform) -> str:
        seconds = len(samples) / ENCODER_SAMPLE_RATE
        load_seconds = _WAIT_SECONDS if self._is_on_disk() else 0
        heard = self._whisper.ask(
            lambda whisper: _heard(whisper, samples, seconds), load_seconds, _TURN_SECONDS
        )
        try:
            text = validate_line(heard, N_("transcript"), MAX_TRANSCRIPT_LENGTH)
        except InputError:
            return ""
        return text if len(text) <= _MOST_CHARACTERS_PER_SECOND * seconds else ""

    def _is_on_disk(self) -> bool:
        if Path(self._model).is_dir():
            return True
        from faster_whisper import download_model  # noqa: PLC0415  (0.3 s)

        try:
            folder = download_model(self._model, local_files_only=True)
        except LocalEntryNotFoundError:
            return False
        return (Path(folder) / "model.bin").exists()  # written last where a download was cut off

    def _load(self) -> "WhisperModel":
        # Imported here, since most requests have no clip.
        import ctranslate2  # noqa: PLC0415
        from faster_whisper import WhisperModel  # noqa: PLC0415

        offline = self._is_on_disk()
        kind, _, index = self._device.partition(":")
        if kind in {"auto", "cuda"} and ctranslate2.get_cuda_device_count():
            try:
                whisper = WhisperModel(
                    self._model, "cuda", int(index or 0), "float16", local_files_only=offline
                )
                whisper.detect_language(np.zeros(ENCODER_SAMPLE_RATE, np.float32))
            except RuntimeError as error:  # such as for want of cuBLAS, which is loaded when used
                logger.warning("The speech recognizer runs on the CPU: %s", error)
            else:
                return whisper
        return WhisperModel(self._model, "cpu", compute_type="int8", local_files_only=offline)


def _without(why: Message) -> Message:
    return N_(
        "{why} The clip was used without a transcript; with one the clone is better.",
        why=why,
    )


def _heard(whisper: "WhisperModel", samples: Waveform, seconds: float) -> str:
    # At one temperature: others would be tried by chance, and one after the other.
    segments, _ = whisper.transcribe(
        samples, temperature=0, without_timestamps=seconds <= _WINDOW_SECONDS
    )
    return "".join(segment.text for segment in segments)
