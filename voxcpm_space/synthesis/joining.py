"""Segments joined to one piece of audio: no click, no doubled silence, no step in level."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from voxcpm_space.audio import Waveform
from voxcpm_space.synthesis.loudness import FRAME_SECONDS, measure_loudness

_LEAD_SECONDS = 0.05
_TAIL_SECONDS = 0.15
"""Silence that is left around the sound of a segment, since words start and end softly."""
_FADE_SECONDS = 0.01
_LEVEL_SECONDS = 1.0
"""Of a later segment are held back until its level is known; the pause before gives that time."""
_FREE_DB, _MOST_DB = 2.0, 6.0
"""People change their level by some dB from one sentence to the next; only steps are evened out."""
_NO_AUDIO: Waveform = np.zeros(0, np.float32)


class Joiner(Protocol):
    """Takes the audio of segments, patch by patch, and gives what is final of it."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing of the segment has been given out."""

    def begin(self) -> None:
        """Starts a segment; what is held back of one that did not end is forgotten."""

    def feed(self, samples: Waveform) -> Waveform:
        """Takes the next samples, shape (samples,), and gives those that can go out."""

    def end(self, pause: float) -> Waveform:
        """Gives the rest of the segment, and as much silence as the pause needs in seconds."""


class PassthroughJoiner:
    """The only segment of a text, unchanged; as long as nothing is heard of it, it is held back."""

    def __init__(self, sample_rate: int) -> None:
        """Takes samples at that rate, in Hz."""
        self._sample_rate = sample_rate
        self.begin()

    def begin(self) -> None:
        """Starts a segment."""
        self.is_silent = True
        self._held = _NO_AUDIO

    def feed(self, samples: Waveform) -> Waveform:
        """Gives everything once there is sound."""
        self._held = np.concatenate([self._held, samples])
        if self.is_silent and not measure_loudness(self._held, self._sample_rate).frames:
            return _NO_AUDIO
        self.is_silent = False
        return self.end(0.0)

    def end(self, pause: float) -> Waveform:  # noqa: ARG002  (there is nothing to pause for)
        """Gives what is held back."""
        held, self._held = self._held, _NO_AUDIO
        return held


class LevelingJoiner:
    """Several segments: their silence is cut to what is natural, their levels are evened out."""

    def __init__(self, sample_rate: int, among: Iterable[Waveform] = ()) -> None:
        """Starts with nothing.

        Args:
            sample_rate: Of the samples, in Hz.
            among: Audio that there is already, whose level is that of the first segment, too.
        """
        self._sample_rate = sample_rate
        self._fade = self._samples(_FADE_SECONDS)
        self._frame = self._samples(FRAME_SECONDS)
        heard = [measure_loudness(samples, sample_rate) for samples in among]
        self._power = sum(one.power for one in heard)
        self._frames = sum(one.frames for one in heard)
        self.begin()

    def begin(self) -> None:
        """Starts a segment."""
        self.is_silent = True
        self._started = False
        self._gain: float | None = None if self._frames else 1.0
        self._held = _NO_AUDIO

    def feed(self, samples: Waveform) -> Waveform:
        """Holds back silence, since it may be the last, and first the start of a later segment."""
        self._held = np.concatenate([self._held, samples])
        if not self._started and not self._start():
            return _NO_AUDIO
        if self._gain is None and not self._knows_level():
            return _NO_AUDIO
        end = min(measure_loudness(self._held, self._sample_rate).end, len(self._held) - self._fade)
        # By whole frames, so that the size of the patches changes nothing in what is heard.
        return self._out(end - end % self._frame)

    def end(self, pause: float) -> Waveform:
        """Gives the rest with its natural tail, faded out, and the rest of the pause."""
        if not self._started:
            return self._silence(pause)
        if self._gain is None:
            self._set_gain()
        end = measure_loudness(self._held, self._sample_rate).end
        rest = self._out(min(len(self._held), end + self._samples(_TAIL_SECONDS)))
        tail = (len(rest) - end) / self._sample_rate
        size = min(self._fade, len(rest))
        rest[len(rest) - size :] *= np.linspace(1, 0, size, dtype=np.float32)
        return np.concatenate([rest, self._silence(pause - tail - _LEAD_SECONDS)])

    def _start(self) -> bool:
        """Cuts the silence before the first sound; tells whether there is sound."""
        heard = measure_loudness(self._held, self._sample_rate)
        cut = max(0, heard.start - self._samples(_LEAD_SECONDS))
        self._held = self._held[cut - cut % self._frame :].copy()
        if heard.frames:
            self._started = True
            size = min(self._fade, len(self._held))
            self._held[:size] *= np.linspace(0, 1, size, dtype=np.float32)
        return self._started

    def _knows_level(self) -> bool:
        if measure_loudness(self._held, self._sample_rate).seconds < _LEVEL_SECONDS:
            return False
        self._set_gain()
        return True

    def _set_gain(self) -> None:
        heard = measure_loudness(self._held, self._sample_rate)
        step = 10 * np.log10((self._power / self._frames) / (heard.power / heard.frames))
        beyond = np.sign(step) * max(0.0, abs(step) - _FREE_DB)
        self._gain = float(10 ** (np.clip(beyond, -_MOST_DB, _MOST_DB) / 20))

    def _out(self, size: int) -> Waveform:
        assert self._gain is not None
        out: Waveform = np.clip(self._held[: max(0, size)] * np.float32(self._gain), -1, 1)
        self._held = self._held[len(out) :]
        heard = measure_loudness(out, self._sample_rate)
        self._power += heard.power
        self._frames += heard.frames
        self.is_silent = self.is_silent and not len(out)
        return out

    def _silence(self, seconds: float) -> Waveform:
        return np.zeros(self._samples(max(0.0, seconds)), np.float32)

    def _samples(self, seconds: float) -> int:
        return round(seconds * self._sample_rate)
