"""One part of a speech made again; the rest stays the same to the sample."""

from collections.abc import Generator
from dataclasses import replace
from itertools import pairwise

from voxcpm_space.audio import Waveform
from voxcpm_space.engine import Engine
from voxcpm_space.synthesis.joining import LevelingJoiner
from voxcpm_space.synthesis.progress import Progress
from voxcpm_space.synthesis.synthesis import StopRequested, Synthesis
from voxcpm_space.synthesis.timeline import SpeechTimeline
from voxcpm_space.text import Script


class SegmentRegeneration:
    """A passage of what was told, told again: in its voice, at the level of the others."""

    def __init__(  # noqa: PLR0913
        self,
        engine: Engine,
        told: SpeechTimeline,
        samples: Waveform,
        number: int,
        *,
        seed: int,
        stopped: StopRequested | None = None,
    ) -> None:
        """Prepares; nothing is made before `events`.

        Args:
            engine: Makes the takes.
            told: What was told.
            samples: Its sound, mono, shape (samples,).
            number: Which passage, from 0.
            seed: 0 to 2**32 - 1, of the first take.
            stopped: Where given, asked again and again whether to leave it as it was.
        """
        self._told = told
        self._number = number
        self._passage = told.segments[number]
        bounds = list(pairwise(told.starts))
        others = [samples[start:end] for start, end in bounds[:number] + bounds[number + 1 :]]
        start, end = bounds[number]
        self._before, self._after = samples[:start], samples[end:]
        # A copy, so that what is made now does not change the voice of passages to come.
        chunk, speaker = self._passage.chunk, self._passage.speaker
        self._narration = Synthesis(
            engine,
            {chunk.speaker: replace(speaker, pattern=replace(speaker.pattern, seed=seed))},
            Script((chunk,)),
            stopped=stopped,
            joiner=LevelingJoiner(told.sample_rate, among=others),
        )

    @property
    def is_whole(self) -> bool:
        """Whether the passage was spoken to its end."""
        return bool(self._narration.pieces) and not self._narration.is_part

    @property
    def pieces(self) -> list[Waveform]:
        """The sound of all, with the passage in its place."""
        return [self._before, *self._narration.pieces, self._after]

    @property
    def told(self) -> SpeechTimeline:
        """All, with the passage in its place."""
        segments = list(self._told.segments)
        made = self._narration.segments[0]
        segments[self._number] = replace(made, speaker=self._passage.speaker)
        return replace(self._told, segments=tuple(segments))

    @property
    def seconds(self) -> float:
        """Of sound that is new."""
        return self._narration.seconds

    @property
    def rtf(self) -> float:
        """Seconds of computing for a second of that."""
        return self._narration.rtf

    @property
    def computing(self) -> float:
        """Seconds in which the model worked for it."""
        return self._narration.computing

    def events(self) -> Generator[Progress, None, None]:
        """Speaks; closing it ends the work.

        Raises:
            SpaceError: As `Engine.stream`.
        """
        return self._narration.events()
