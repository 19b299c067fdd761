"""One take of a chunk, as it is being made."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from voxcpm_space.audio import Waveform
from voxcpm_space.engine import GenerationRequest, GenerationResult, QueuePosition
from voxcpm_space.monitoring import COMPUTE_SECONDS, TTFA


@dataclass
class Attempt:
    """A take, and what has come of it so far.

    Attributes:
        request: What is asked for.
        patches: Its sound.
        ending: How it ended; None before that.
        computing: Seconds since its turn came.
    """

    request: GenerationRequest
    patches: list[Waveform] = field(default_factory=list)
    ending: GenerationResult | None = None
    computing: float = 0.0

    @property
    def samples(self) -> Waveform:
        """All of its sound, shape (samples,)."""
        return np.concatenate([np.zeros(0, np.float32), *self.patches])

    def follow(
        self, items: Iterator[Waveform | QueuePosition | GenerationResult]
    ) -> Iterator[Waveform | QueuePosition]:
        """Gives what an engine yields for the take, and keeps it."""
        turn_came = time.perf_counter()
        for item in items:
            if isinstance(item, GenerationResult):
                self.ending = item
                continue
            passed = time.perf_counter() - turn_came
            if isinstance(item, QueuePosition):
                turn_came += passed
            else:
                self._keep(item, passed)
            yield item

    def _keep(self, patch: Waveform, passed: float) -> None:
        if not self.patches:
            TTFA.observe(passed)
        COMPUTE_SECONDS.inc(passed - self.computing)
        self.computing = passed
        self.patches.append(patch)
