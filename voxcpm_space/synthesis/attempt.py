"""One attempt at a segment, as it is being generated."""

import time
from dataclasses import dataclass, field

import numpy as np

from voxcpm_space.audio import Waveform
from voxcpm_space.engine import EngineOutput, GenerationRequest, GenerationResult, QueuePosition
from voxcpm_space.monitoring import COMPUTE_SECONDS, TTFA


@dataclass
class Attempt:
    """A generation request, and what has come of it so far.

    Attributes:
        request: What is generated.
        patches: Its audio.
        result: How it ended; None before that.
        computing: Seconds since its turn came.
    """

    request: GenerationRequest
    patches: list[Waveform] = field(default_factory=list)
    result: GenerationResult | None = None
    computing: float = 0.0
    _turn_came: float = field(default_factory=time.perf_counter)

    @property
    def samples(self) -> Waveform:
        """All of its audio, shape (samples,)."""
        return np.concatenate([np.zeros(0, np.float32), *self.patches])

    def add(self, output: EngineOutput) -> None:
        """Takes what the engine yields next."""
        if isinstance(output, GenerationResult):
            self.result = output
        elif isinstance(output, QueuePosition):
            self._turn_came = time.perf_counter()
        else:
            self._add_patch(output)

    def _add_patch(self, patch: Waveform) -> None:
        passed = time.perf_counter() - self._turn_came
        if not self.patches:
            TTFA.observe(passed)
        COMPUTE_SECONDS.inc(passed - self.computing)
        self.computing = passed
        self.patches.append(patch)
