"""Words that every part uses for sound."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Waveform: TypeAlias = NDArray[np.float32]
"""Mono samples, shape (samples,), full scale -1 to 1."""

ENCODER_SAMPLE_RATE = 16_000
"""Hz at which VoxCPM2's AudioVAE hears a reference clip (its `sample_rate`)."""

_MOST_BARS = 200
_PIECE_SECONDS = 0.08


class Envelope:
    """How loud a sound is, which may still grow.

    Attributes:
        bars: Peaks from 0 to 1, each of as long a stretch of it; fewer than 200.
    """

    def __init__(self) -> None:
        """Starts without sound."""
        self.bars: list[float] = []
        self._pieces_in_a_bar = 1
        self._rest: list[float] = []

    def add(self, chunk: Waveform, sample_rate: int) -> None:
        """Takes more sound into account; mono, shape (samples,), in Hz."""
        pieces = max(1, round(len(chunk) / sample_rate / _PIECE_SECONDS))
        for piece in np.array_split(np.abs(chunk), pieces):
            self._rest.append(round(float(piece.max(initial=0.0)), 2))
            if len(self._rest) == self._pieces_in_a_bar:
                self._end_bar()

    def _end_bar(self) -> None:
        self.bars.append(max(self._rest))
        self._rest = []
        if len(self.bars) == _MOST_BARS:
            self.bars = [max(self.bars[at : at + 2]) for at in range(0, _MOST_BARS, 2)]
            self._pieces_in_a_bar *= 2
