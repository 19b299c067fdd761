"""One segment of a speech generated again; the rest stays the same to the sample."""

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
    """A segment in the making that there is already: in its voice, at the level of the others."""

    def __init__(  # noqa: PLR0913
        self,
        engine: Engine,
        timeline: SpeechTimeline,
        samples: Waveform,
        number: int,
        *,
        seed: int,
        stop_requested: StopRequested | None = None,
        speed: float = 1.0,
    ) -> None:
        """Prepares; nothing is made before `events`.

        Args:
            engine: Generates it.
            timeline: What was spoken.
            samples: Its audio, mono, shape (samples,).
            number: Which segment, from 0.
            seed: 0 to 2**32 - 1, of the first attempt.
            stop_requested: Where given, asked again and again whether to leave it as it was.
            speed: How fast the others are played.
        """
        self._timeline = timeline
        self._number = number
        self._segment = timeline.segments[number]
        bounds = list(pairwise(timeline.starts))
        others = [samples[start:end] for start, end in bounds[:number] + bounds[number + 1 :]]
        start, end = bounds[number]
        self._before, self._after = samples[:start], samples[end:]
        # A copy, so that what is made now does not change the voice of segments to come.
        text, speaker = self._segment.text, self._segment.speaker
        again = replace(speaker, base_request=replace(speaker.base_request, seed=seed))
        self._synthesis = Synthesis(
            engine,
            {text.speaker: again},
            Script((text,)),
            stop_requested=stop_requested,
            joiner=LevelingJoiner(timeline.sample_rate, among=others),
            speed=speed,
        )

    @property
    def is_whole(self) -> bool:
        """Whether the segment was spoken to its end."""
        return bool(self._synthesis.audio) and not self._synthesis.is_part

    @property
    def audio(self) -> list[Waveform]:
        """That of all, with the segment in its place."""
        return [self._before, *self._synthesis.audio, self._after]

    @property
    def timeline(self) -> SpeechTimeline:
        """Of all, with the segment in its place."""
        segments = list(self._timeline.segments)
        segments[self._number] = replace(self._synthesis.segments[0], speaker=self._segment.speaker)
        return replace(self._timeline, segments=tuple(segments))

    @property
    def seconds(self) -> float:
        """Of audio that is new."""
        return self._synthesis.seconds

    @property
    def generated_seconds(self) -> float:
        """Of audio that the model made for it, whatever its speed."""
        return self._synthesis.generated_seconds

    @property
    def rtf(self) -> float:
        """Seconds of computing for a second of that."""
        return self._synthesis.rtf

    @property
    def computing(self) -> float:
        """Seconds in which the model worked for it."""
        return self._synthesis.computing

    def events(self) -> Generator[Progress, None, None]:
        """Speaks; closing it ends the work.

        Raises:
            SpaceError: As `Engine.stream`.
        """
        return self._synthesis.events()
