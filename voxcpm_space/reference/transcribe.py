"""Writes down what is said in a clip."""

import hashlib
import logging
from pathlib import Path
from typing import Any

from huggingface_hub import try_to_load_from_cache

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.reference.concurrency_limit import ConcurrencyLimit, LimitTimeoutError
from voxcpm_space.reference.lazy_model import LazyModel, MissingModelError
from voxcpm_space.text import MAX_TRANSCRIPT_LENGTH, validate_line

logger = logging.getLogger(__name__)

_WAIT_SECONDS = 60.0
_TURN_SECONDS = 30.0
"""A clone from the clip alone is better than one that waits for the clips of many others."""
_WINDOW_SECONDS = 30
"""What Whisper hears at once; of more it wants to know the times."""
_MOST_CHARACTERS_PER_SECOND = 30
"""Twice a fast speaker: what is longer is a recognizer that repeats itself."""
_MAX_REMEMBERED = 1024


class Recognizer:
    """A speech recognizer of the Hugging Face Hub, on the CPU, one clip at a time, each once."""

    def __init__(self, model: str, keep_seconds: float = 3600) -> None:
        """Prepares; nothing is loaded before the first clip.

        Args:
            model: Its name on the Hub, its folder, or empty for none.
            keep_seconds: Age at which the words of a clip are forgotten.
        """
        self._model = model
        self._pipeline = LazyModel(N_("The speech recognizer"), self._load)
        self._turns = ConcurrencyLimit(1)
        self._transcripts: SingleFlightCache[str] = SingleFlightCache(
            _MAX_REMEMBERED, keep_seconds, size_of=lambda _: 1
        )

    def transcribe(self, samples: Waveform) -> str:
        """Gives the words of mono samples at 16 kHz, shape (samples,).

        Empty where it is off, not there yet, busy for long, or hears nothing that can be words:
        one that must be downloaded is not waited for.
        """
        if not self._model:
            return ""
        key = hashlib.sha256(samples.tobytes()).digest()
        try:
            return self._transcripts.get(key, lambda: self._made(samples))
        except (MissingModelError, LimitTimeoutError):
            return ""

    def _made(self, samples: Waveform) -> str:
        pipeline = self._pipeline.get(_WAIT_SECONDS if self._is_on_disk() else 0)
        with self._turns.taken(_TURN_SECONDS):
            return _recognized(pipeline, samples)

    def _is_on_disk(self) -> bool:
        return Path(self._model).is_dir() or isinstance(
            try_to_load_from_cache(self._model, "config.json"), str
        )

    def _load(self) -> Any:
        # Imported here: it takes seconds, in which the page is up already.
        from transformers import pipeline  # noqa: PLC0415

        return pipeline("automatic-speech-recognition", model=self._model, device="cpu")


def _recognized(pipeline: Any, samples: Waveform) -> str:
    seconds = len(samples) / ENCODER_SAMPLE_RATE
    try:
        clip = {"raw": samples, "sampling_rate": ENCODER_SAMPLE_RATE}
        heard = pipeline(clip, return_timestamps=seconds > _WINDOW_SECONDS)["text"]
        text = validate_line(heard, N_("transcript"), MAX_TRANSCRIPT_LENGTH)
    except InputError:
        return ""
    except Exception:  # whatever a model does, cloning goes on from the clip alone
        logger.exception("A clip could not be transcribed")
        return ""
    return text if len(text) <= _MOST_CHARACTERS_PER_SECOND * seconds else ""
