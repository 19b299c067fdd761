"""Removes noise from a clip with ZipEnhancer, the model that VoxCPM uses for it."""

import hashlib
import io
from typing import Any

import numpy as np
import soundfile

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.messages import N_, Message
from voxcpm_space.reference.concurrency_limit import LimitTimeoutError
from voxcpm_space.reference.lazy_model import FailedModelError, LazyModel, MissingModelError

MODEL = "iic/speech_zipenhancer_ans_multiloss_16k_base"
"""ZipEnhancer on ModelScope's hub, 16 kHz; the default of voxcpm's own wrapper."""

_WAIT_SECONDS = 20.0
_MAX_BYTES = 32 * 2**20
"""Some 17 parts of 30 s."""


class Denoiser:
    """ZipEnhancer, one clip at a time, each clip once.

    voxcpm's wrapper works on files and takes the GPU, which outside of ZeroGPU's own functions
    is not there; the same pipeline takes bytes and the CPU.
    """

    def __init__(self, model: str = MODEL, keep_seconds: float = 3600) -> None:
        """Prepares; nothing is loaded before the first clip.

        Args:
            model: Its name on ModelScope's hub, or its folder.
            keep_seconds: Age at which a clip without its noise is forgotten.
        """
        self._model = model
        self._pipeline = LazyModel(N_("The model that removes noise"), self._load)
        self._cleaned: SingleFlightCache[Waveform] = SingleFlightCache(
            _MAX_BYTES, keep_seconds, size_of=lambda cleaned: cleaned.nbytes
        )

    def denoise(self, samples: Waveform) -> tuple[Waveform, tuple[Message, ...]]:
        """Gives mono samples at 16 kHz without noise, or the same ones and a sentence why.

        Args:
            samples: Shape (samples,), full scale -1 to 1.
        """
        key = hashlib.sha256(samples.tobytes()).digest()
        try:
            return self._cleaned.get(key, lambda: self._made(samples)), ()
        except MissingModelError as error:
            return samples, (_as_it_is(error.message),)
        except LimitTimeoutError:
            busy = N_("Many others are having noise removed; please try again in a minute.")
            return samples, (_as_it_is(busy),)
        except FailedModelError:
            return samples, (
                N_("The clip was used with its noise. It could not be removed from this one."),
            )

    def _made(self, samples: Waveform) -> Waveform:
        file = io.BytesIO()
        soundfile.write(file, samples, ENCODER_SAMPLE_RATE, "PCM_16", format="WAV")
        pcm = self._pipeline.ask(
            lambda pipeline: pipeline(file.getvalue())["output_pcm"], _WAIT_SECONDS, _WAIT_SECONDS
        )
        cleaned: Waveform = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(2**15)
        cleaned.flags.writeable = False  # it is kept, and many look at it
        return cleaned

    def _load(self) -> Any:
        # Imported here: it takes seconds, and few ask for it.
        from modelscope.pipelines import pipeline  # noqa: PLC0415
        from modelscope.utils.constant import Tasks  # noqa: PLC0415

        return pipeline(Tasks.acoustic_noise_suppression, model=self._model, device="cpu")


def _as_it_is(why: Message) -> Message:
    return N_("The clip was used with its noise. {why}", why=why)
