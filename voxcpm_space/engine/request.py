"""A generation request, as it crosses the GPU boundary, and what comes back."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.text import estimate_seconds

# ZeroGPU kills a worker that outlasts its duration and makes visitors wait longer for longer
# ones. Uncompiled PyTorch on its GPU: the LM's part of the RTF, and what each DiT step adds.
_START_SECONDS = 4.0
_LM_RTF = 0.4
_DIT_STEP_RTF = 0.06
_REFERENCE_RTF = 0.1
_SLOW_SPEAKER = 1.5
_LONGEST_SECONDS = 120.0

PATCHES_PER_SECOND = 6.25

Latents: TypeAlias = NDArray[np.float32]
"""What the AudioVAE encodes audio to, shape (patches, latents of a patch, channels)."""

Solver: TypeAlias = Literal["euler", "adams-bashforth"]
"""Of the flow that makes a patch out of noise: voxcpm's own, or one with fewer evaluations."""

FinishReason: TypeAlias = Literal["stop", "length"]
"""Why a generation ended: by itself, or at the most patches that its text may need."""


@dataclass(frozen=True)
class EncodedReference:
    """A reference clip as the model takes it: made behind the GPU boundary, kept before it.

    Attributes:
        voice: The clip to take the voice from.
        start: The clip to continue; None where its transcript is not known.
    """

    voice: Latents
    start: Latents | None = None

    @property
    def patches(self) -> int:
        """Room that it takes in the model's context."""
        return len(self.voice) + (0 if self.start is None else len(self.start))

    @property
    def nbytes(self) -> int:
        """Memory that it takes, in bytes."""
        return self.voice.nbytes + (0 if self.start is None else self.start.nbytes)


@dataclass(frozen=True)
class GenerationRequest:
    """What to generate: plain values and CPU arrays only, since ZeroGPU pickles it.

    Attributes:
        text: The text to speak, with voice description or style before it.
        seed: 0 to 2**32 - 1.
        cfg_value: CFG scale.
        dit_steps: Diffusion steps of each patch.
        reference: The voice to clone, mono at 16 kHz, shape (samples,), where it is not encoded.
        transcript: What is said in the reference or in the start of `encoded`; empty for cloning
            without it.
        encoded: The encoded reference, a voice that was kept, or that of requests before.
        lora: Name of the LoRA to speak with; empty for the one of all, where there is one.
        solver: How the diffusion steps are made.
    """

    text: str
    seed: int
    cfg_value: float
    dit_steps: int
    reference: Waveform | None = None
    transcript: str = ""
    encoded: EncodedReference | None = None
    lora: str = ""
    solver: Solver = "euler"


@dataclass(frozen=True)
class GenerationResult:
    """How a generation ended: made behind the GPU boundary, on the CPU.

    Attributes:
        finish_reason: `length` where it did not come to an end by itself.
        latents: What its audio was decoded from, a voice for requests to come; None where a server
            keeps them to itself.
        clip: Its audio at 16 kHz, shape (samples,), which is that voice in their place.
    """

    finish_reason: FinishReason
    latents: Latents | None = None
    clip: Waveform | None = None


ModelOutput: TypeAlias = EncodedReference | Waveform | GenerationResult
"""As `Model.stream` gives it."""


def gpu_seconds(request: GenerationRequest) -> int:
    """Gives the seconds of GPU to ask ZeroGPU for: enough for a slow speaker, 120 at most."""
    speech = _SLOW_SPEAKER * estimate_seconds(request.text)
    reference = 0 if request.reference is None else len(request.reference) / ENCODER_SAMPLE_RATE
    rtf = _LM_RTF + _DIT_STEP_RTF * request.dit_steps
    seconds = _START_SECONDS + speech * rtf + reference * _REFERENCE_RTF
    return math.ceil(min(seconds, _LONGEST_SECONDS))
