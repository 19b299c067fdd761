"""One generation, as it crosses the GPU boundary."""

import math
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Take:
    """What to generate: plain values and CPU arrays only, since ZeroGPU pickles it.

    Attributes:
        text: The text to speak, with voice description or style before it.
        seed: 0 to 2**32 - 1.
        cfg_value: CFG scale.
        dit_steps: Diffusion steps of each patch.
        reference: The voice to clone, mono at 16 kHz, shape (samples,).
        transcript: What is said in the reference; empty for cloning without it.
    """

    text: str
    seed: int
    cfg_value: float
    dit_steps: int
    reference: Waveform | None = None
    transcript: str = ""


def gpu_seconds(take: Take) -> int:
    """Gives the seconds of GPU to ask ZeroGPU for: enough for a slow speaker, 120 at most."""
    speech = _SLOW_SPEAKER * estimate_seconds(take.text)
    reference = 0 if take.reference is None else len(take.reference) / ENCODER_SAMPLE_RATE
    rtf = _LM_RTF + _DIT_STEP_RTF * take.dit_steps
    seconds = _START_SECONDS + speech * rtf + reference * _REFERENCE_RTF
    return math.ceil(min(seconds, _LONGEST_SECONDS))
