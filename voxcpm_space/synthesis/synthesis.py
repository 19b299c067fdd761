"""A script spoken segment by segment."""

import logging
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from voxcpm_space.audio import Waveform
from voxcpm_space.engine import Engine, EngineOutput, GenerationResult, QueuePosition
from voxcpm_space.errors import SpaceError
from voxcpm_space.messages import Message
from voxcpm_space.synthesis.alignment import align_sentences
from voxcpm_space.synthesis.attempt import Attempt
from voxcpm_space.synthesis.duration import DurationEstimator
from voxcpm_space.synthesis.joining import Joiner, LevelingJoiner, PassthroughJoiner
from voxcpm_space.synthesis.progress import Progress
from voxcpm_space.synthesis.quality import duration_error, find_fault, longest_seconds
from voxcpm_space.synthesis.speaker import Speakers
from voxcpm_space.synthesis.tempo import TempoJoiner
from voxcpm_space.synthesis.timeline import Segment, SpeechTimeline
from voxcpm_space.text import Script

logger = logging.getLogger(__name__)

StopRequested: TypeAlias = Callable[[], bool]
"""Tells whether a person has asked for the end, and wants what is made until then."""

_MAX_ATTEMPTS = 3
_NO_AUDIO: Waveform = np.zeros(0, np.float32)


class Synthesis:
    """A script in the making.

    Attributes:
        audio: Chunks of audio that are final, each mono with shape (samples,).
        segments: What those of the script became whose audio is final.
        is_part: Whether it ended before the script did.
        computing: Seconds in which the model worked for it.
    """

    def __init__(  # noqa: PLR0913
        self,
        engine: Engine,
        speakers: Speakers,
        script: Script,
        *,
        streamed: bool = False,
        stop_requested: StopRequested | None = None,
        joiner: Joiner | None = None,
        speed: float = 1.0,
    ) -> None:
        """Prepares; nothing is made before `events`.

        Args:
            engine: Generates the segments.
            speakers: Has a voice for everyone who speaks in the script.
            script: What to say.
            streamed: Whether audio goes out while it is made. What is out cannot be taken back,
                so a segment that went wrong is made again only where nothing was heard of it yet.
            stop_requested: Where given, whatever ends the work early leaves what is made until
                then.
            joiner: Joins the segments, where they belong to audio that there is already.
            speed: How fast the speech is played, at its own pitch.
        """
        self._engine = engine
        self._speakers = speakers
        self._script = script
        self._streamed = streamed
        self._stop_requested = stop_requested
        self._rate = engine.sample_rate
        kind = PassthroughJoiner if script.is_single_segment else LevelingJoiner
        self._joiner: Joiner = joiner or kind(self._rate)
        self._speed = speed
        if speed != 1:
            self._joiner = TempoJoiner(self._joiner, self._rate, speed)
        self._duration = DurationEstimator(script, speed)
        self._samples = 0
        self._failure: Message | None = None
        self._chunks_in_segments = 0
        self.audio: list[Waveform] = []
        self.segments: list[Segment] = []
        self.is_part = False
        self.computing = 0.0

    @property
    def seconds(self) -> float:
        """Of final audio."""
        return self._samples / self._rate

    @property
    def generated_seconds(self) -> float:
        """Of audio that the model made for it, whatever its speed."""
        return self.seconds * self._speed

    @property
    def rtf(self) -> float:
        """Seconds of computing for a second of audio."""
        return self.computing / max(self.seconds, 1 / self._rate)

    @property
    def timeline(self) -> SpeechTimeline:
        """What the script became."""
        planned = len(self._script.segments)
        return SpeechTimeline(tuple(self.segments), planned, self._lead_samples, self._rate)

    @property
    def warnings(self) -> list[Message]:
        """What a listener should know, in sentences."""
        return [*self.timeline.warnings, *([self._failure] if self._failure else [])]

    def events(self) -> Generator[Progress, None, None]:
        """Speaks; closing it ends the work.

        Raises:
            SpaceError: As `Engine.stream`; if stopping was allowed, only before there is audio.
        """
        try:
            if self._lead_samples:
                lead = self._add_audio(np.zeros(self._lead_samples, np.float32))
                self._chunks_in_segments = len(self.audio)
                yield self._progress(0, lead)
            for number in range(len(self._script.segments)):
                yield from self._segment(number)
                if self.is_part:
                    return
        except SpaceError as error:
            if self._stop_requested is None or not self.audio:
                raise
            self.is_part = True
            self._failure = error.message
            if len(self.audio) > self._chunks_in_segments:  # streamed until then
                self._add_segment(len(self.segments), None)

    def _segment(self, number: int) -> Generator[Progress, None, None]:
        """Generates a segment, again where it went wrong, and makes the best of it final."""
        attempts: list[Attempt] = []
        fault: Message | None = None
        while not attempts or (fault and self._can_retry(attempts, fault)):
            attempt, outputs = self._attempt(number, len(attempts))
            attempts.append(attempt)
            before = self.computing
            with closing(outputs):
                for output in outputs:
                    attempt.add(output)
                    self.computing = before + attempt.computing
                    if isinstance(output, GenerationResult):
                        continue
                    yield self._progress_of(output, number, attempt)
                    if self._stop_requested and self._stop_requested():
                        self.is_part = True
                        break
                    if self._is_endless(number, attempt):
                        break
            fault = None if self.is_part else self._fault(number, attempt)
        best = self._best(number, attempts) if fault and self._joiner.is_silent else attempts[-1]
        if best.result:
            self._speakers[self._script.segments[number].speaker].remember(best.result)
        progress = self._accept(number, best)
        self._add_segment(number, self._fault(number, best) if fault else None)
        yield replace(progress, sentences=self.timeline.sentences_of_last)

    def _is_endless(self, number: int, attempt: Attempt) -> bool:
        """Tells of an attempt that cannot get good any more: some go on for minutes."""
        made = sum(map(len, attempt.patches)) / self._rate
        return made > longest_seconds(self._script.segments[number].text)

    def _can_retry(self, attempts: list[Attempt], fault: Message) -> bool:
        if not self._joiner.is_silent or len(attempts) == _MAX_ATTEMPTS:
            return False
        logger.info("A segment is generated again: %s", fault)
        return True

    def _attempt(
        self, number: int, attempt: int
    ) -> tuple[Attempt, Generator[EngineOutput, None, None]]:
        """Starts to generate a segment, for the first time or again."""
        segments = self._script.segments
        segment = segments[number]
        index = [before.speaker for before in segments[:number]].count(segment.speaker)
        request = self._speakers[segment.speaker].request(segment, index, attempt)
        self._joiner.begin()
        return Attempt(request), self._engine.stream(
            request,
            longest_text="" if number else self._longest_text(),
            although_full=bool(number or attempt),
        )

    def _longest_text(self) -> str:
        """What is refused at the start if it is too long, not in the middle of the text."""
        longest = max(self._script.segments, key=lambda segment: len(segment.text))
        return self._speakers[longest.speaker].request(longest, 0, 0).text

    def _progress_of(
        self, output: Waveform | QueuePosition, number: int, attempt: Attempt
    ) -> Progress:
        if isinstance(output, QueuePosition):
            return self._progress(number, _NO_AUDIO, waiting=output)
        if self._streamed:
            return self._progress(number, self._add_audio(self._joiner.feed(output)))
        return self._progress(number, _NO_AUDIO, made=sum(map(len, attempt.patches)))

    def _best(self, number: int, attempts: list[Attempt]) -> Attempt:
        text = self._script.segments[number].text
        return min(attempts, key=lambda one: duration_error(one.samples, self._rate, text))

    def _accept(self, number: int, attempt: Attempt) -> Progress:
        """Makes an attempt final, and the pause after it."""
        pause = 0.0 if self.is_part else self._script.segments[number].pause
        out = _NO_AUDIO
        if self._joiner.is_silent:
            self._joiner.begin()
            out = self._joiner.feed(attempt.samples)
        self._add_audio(out)
        rest = self._add_audio(self._joiner.end(pause))
        self._duration.finish(number, self.seconds)
        return self._progress(number, np.concatenate([out, rest]))

    def _fault(self, number: int, attempt: Attempt) -> Message | None:
        reason = attempt.result.finish_reason if attempt.result else None
        # The request's own text may begin with a description, which nobody hears.
        text = self._script.segments[number].text
        return find_fault(attempt.samples, self._rate, text, finish_reason=reason)

    def _add_segment(self, number: int, fault: Message | None) -> None:
        """Keeps what became of a segment: what is final since the one before."""
        text = self._script.segments[number]
        samples = np.concatenate([_NO_AUDIO, *self.audio[self._chunks_in_segments :]])
        self._chunks_in_segments = len(self.audio)
        if not len(samples):
            return
        sentences = align_sentences(samples, self._rate, text.sentences, is_cut=self.is_part)
        speaker = self._speakers[text.speaker]
        self.segments.append(
            Segment(text, speaker, len(samples), sentences, fault, is_cut=self.is_part)
        )

    @property
    def _lead_samples(self) -> int:
        return round(self._script.lead_silence * self._rate)

    def _add_audio(self, chunk: Waveform) -> Waveform:
        if len(chunk):
            self.audio.append(chunk)
            self._samples += len(chunk)
        return chunk

    def _progress(
        self, number: int, audio: Waveform, *, made: int = 0, waiting: QueuePosition | None = None
    ) -> Progress:
        seconds = self.seconds + made / self._rate / self._speed
        return Progress(
            made=seconds,
            expected=self._duration.expected(seconds),
            audio=audio,
            sample_rate=self._rate,
            computing=self.computing,
            segment=number + 1,
            segments=len(self._script.segments),
            left=self._duration.left(seconds, self.computing),
            waiting=waiting,
            speed=self._speed,
        )
