"""Removes noise from a clip with ZipEnhancer, the model that VoxCPM uses for it."""

import io
import threading
from typing import Any

import numpy as np
import soundfile

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.reference.on_demand import MissingModelError, OnDemand

MODEL = "iic/speech_zipenhancer_ans_multiloss_16k_base"
"""ZipEnhancer on ModelScope's hub, 16 kHz; the default of voxcpm's own wrapper."""

_WAIT_SECONDS = 20.0


class Denoiser:
    """ZipEnhancer, one clip at a time.

    voxcpm's wrapper works on files and takes the GPU, which outside of ZeroGPU's own functions
    is not there; the same pipeline takes bytes and the CPU.
    """

    def __init__(self, model: str = MODEL) -> None:
        """Prepares; nothing is loaded before the first clip.

        Args:
            model: Its name on ModelScope's hub, or its folder.
        """
        self._model = model
        self._pipeline = OnDemand("The model that removes noise", self._load)
        self._turn = threading.Lock()

    def denoise(self, samples: Waveform) -> tuple[Waveform, tuple[str, ...]]:
        """Gives mono samples at 16 kHz without noise, or the same ones and a sentence why.

        Args:
            samples: Shape (samples,), full scale -1 to 1.
        """
        try:
            pipeline = self._pipeline.get(_WAIT_SECONDS)
        except MissingModelError as error:
            return samples, (f"The clip was used with its noise. {error}",)
        file = io.BytesIO()
        soundfile.write(file, samples, ENCODER_SAMPLE_RATE, "PCM_16", format="WAV")
        with self._turn:
            pcm = pipeline(file.getvalue())["output_pcm"]
        return np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(2**15), ()

    def _load(self) -> Any:
        # Imported here: it takes seconds, and few ask for it.
        from modelscope.pipelines import pipeline  # noqa: PLC0415
        from modelscope.utils.constant import Tasks  # noqa: PLC0415

        return pipeline(Tasks.acoustic_noise_suppression, model=self._model, device="cpu")
