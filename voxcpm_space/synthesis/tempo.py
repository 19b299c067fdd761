"""Speech played faster or slower at its own pitch, while it is made."""

from fractions import Fraction

import av
import numpy as np
from av.filter import Graph

from voxcpm_space.audio import Waveform
from voxcpm_space.synthesis.joining import Joiner

_LEAST, _MOST = 0.5, 2.0
"""Of one filter: beyond 2 FFmpeg's atempo skips samples instead of blending them."""


class Tempo:
    """Changes the tempo of mono samples, piece by piece.

    By FFmpeg's `atempo` (WSOLA), which PyAV brings along. Rubberband sounds a little better on
    music, and is in no wheel of PyAV; on speech WSOLA is the usual choice.
    """

    def __init__(self, sample_rate: int, speed: float) -> None:
        """Starts with nothing.

        Args:
            sample_rate: In Hz.
            speed: More than 0; 2 takes half the time.
        """
        self._sample_rate = sample_rate
        self._graph = Graph()
        chain = [
            self._graph.add_abuffer(
                sample_rate=sample_rate,
                format="flt",
                layout="mono",
                time_base=Fraction(1, sample_rate),
            ),
            *(self._graph.add("atempo", f"{step:.9f}") for step in _steps(speed)),
            self._graph.add("abuffersink"),
        ]
        self._graph.link_nodes(*chain).configure()

    def feed(self, samples: Waveform) -> Waveform:
        """Takes samples, shape (samples,), and gives those that are ready; they come later."""
        if len(samples):
            frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
            frame.sample_rate = self._sample_rate
            self._graph.push(frame)
        return self._ready()

    def end(self) -> Waveform:
        """Gives the rest; nothing may be fed any more."""
        self._graph.push(None)
        return self._ready()

    def _ready(self) -> Waveform:
        pieces = [np.zeros(0, np.float32)]
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return np.concatenate(pieces)
            assert isinstance(frame, av.AudioFrame)
            pieces.append(frame.to_ndarray()[0])


class TempoJoiner:
    """Joins segments as another joiner does, and then changes their tempo, pauses among them."""

    def __init__(self, joiner: Joiner, sample_rate: int, speed: float) -> None:
        """Wraps `joiner`; sample rate in Hz, speed as for `Tempo`."""
        self._joiner = joiner
        self._sample_rate, self._speed = sample_rate, speed
        self.begin()

    @property
    def is_silent(self) -> bool:
        """Whether nothing of the segment has been given out."""
        return self._joiner.is_silent

    def begin(self) -> None:
        """Starts a segment."""
        self._joiner.begin()
        self._tempo = Tempo(self._sample_rate, self._speed)

    def feed(self, samples: Waveform) -> Waveform:
        """Takes the next samples, shape (samples,), and gives those that can go out."""
        return self._tempo.feed(self._joiner.feed(samples))

    def end(self, pause: float) -> Waveform:
        """Gives the rest of the segment, and the pause after it, which is as fast as the speech."""
        rest = self._tempo.feed(self._joiner.end(pause))
        return np.concatenate([rest, self._tempo.end()])


def _steps(speed: float) -> list[float]:
    """Gives speeds that one filter can make, which multiplied are this one."""
    steps: list[float] = []
    while not _LEAST <= speed <= _MOST:
        steps.append(_MOST if speed > 1 else _LEAST)
        speed /= steps[-1]
    return [*steps, speed]
