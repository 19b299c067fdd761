"""A script spoken chunk by chunk."""

import logging
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from voxcpm_space.audio import Waveform
from voxcpm_space.engine import Engine, GenerationRequest, QueuePosition
from voxcpm_space.errors import SpaceError
from voxcpm_space.synthesis.alignment import align_sentences
from voxcpm_space.synthesis.attempt import Attempt
from voxcpm_space.synthesis.duration import DurationEstimator
from voxcpm_space.synthesis.joining import Joiner, LevelingJoiner, PassthroughJoiner
from voxcpm_space.synthesis.progress import Progress
from voxcpm_space.synthesis.quality import duration_error, find_fault
from voxcpm_space.synthesis.speaker import Speakers
from voxcpm_space.synthesis.timeline import Segment, SpeechTimeline
from voxcpm_space.text import Script

logger = logging.getLogger(__name__)

StopRequested: TypeAlias = Callable[[], bool]
"""Tells whether a person has asked for the end, and wants what is made until then."""

_TRIES = 3
_NOTHING: Waveform = np.zeros(0, np.float32)


class Synthesis:
    """A script in the making.

    Attributes:
        pieces: Sound that is final, each mono with shape (samples,).
        segments: What the chunks became whose sound is final.
        is_part: Whether it ended before the script did.
        computing: Seconds in which the model worked for it.
    """

    def __init__(  # noqa: PLR0913
        self,
        engine: Engine,
        cast: Speakers,
        script: Script,
        *,
        streamed: bool = False,
        stopped: StopRequested | None = None,
        joiner: Joiner | None = None,
    ) -> None:
        """Prepares; nothing is made before `events`.

        Args:
            engine: Makes the takes.
            cast: Has a voice for everyone who speaks in the script.
            script: What to say.
            streamed: Whether sound goes out while it is made. What is out cannot be taken back,
                so a take that went wrong is made again only where nothing was heard of it yet.
            stopped: Where given, whatever ends the work early leaves what is made until then.
            joiner: Joins the takes, where they belong to sound that there is already.
        """
        self._engine = engine
        self._cast = cast
        self._script = script
        self._streamed = streamed
        self._stopped = stopped
        self._rate = engine.sample_rate
        kind = PassthroughJoiner if script.is_one_take else LevelingJoiner
        self._joiner: Joiner = joiner or kind(self._rate)
        self._duration = DurationEstimator(script)
        self._samples = 0
        self._failure = ""
        self._pieces_of_passages = 0
        self.pieces: list[Waveform] = []
        self.segments: list[Segment] = []
        self.is_part = False
        self.computing = 0.0

    @property
    def seconds(self) -> float:
        """Of final sound."""
        return self._samples / self._rate

    @property
    def _lead_samples(self) -> int:
        return round(self._script.lead * self._rate)

    @property
    def rtf(self) -> float:
        """Seconds of computing for a second of sound."""
        return self.computing / max(self.seconds, 1 / self._rate)

    @property
    def told(self) -> SpeechTimeline:
        """What the script became."""
        return SpeechTimeline(
            tuple(self.segments), len(self._script.chunks), self._lead_samples, self._rate
        )

    @property
    def warnings(self) -> list[str]:
        """What a listener should know, in sentences."""
        return [*self.told.warnings, *([self._failure] if self._failure else [])]

    def events(self) -> Generator[Progress, None, None]:
        """Speaks; closing it ends the work.

        Raises:
            SpaceError: As `Engine.stream`; if `stopped` was given, only before there is sound.
        """
        try:
            yield from self._speak_all()
        except SpaceError as error:
            if self._stopped is None or not self.pieces:
                raise
            self.is_part = True
            self._failure = str(error)
            if len(self.pieces) > self._pieces_of_passages:  # streamed until then
                self._note(len(self.segments), None)

    def _speak_all(self) -> Generator[Progress, None, None]:
        if self._lead_samples:
            lead = self._final(np.zeros(self._lead_samples, np.float32))
            self._pieces_of_passages = len(self.pieces)
            yield self._progress(0, lead)
        for number in range(len(self._script.chunks)):
            yield from self._speak(number)
            if self.is_part:
                return

    def _speak(self, number: int) -> Generator[Progress, None, None]:
        attempts: list[Attempt] = []
        fault: str | None = None
        for _ in range(_TRIES):
            yield from self._try(number, attempts)
            fault = None if self.is_part else self._fault(number, attempts[-1])
            if not fault or not self._joiner.is_silent:
                break
            logger.info("A take is made again: %s", fault)
        best = attempts[-1]
        if fault and self._joiner.is_silent:
            text = self._script.chunks[number].text
            best = min(attempts, key=lambda one: duration_error(one.samples, self._rate, text))
            fault = self._fault(number, best)
        if best.ending:
            self._cast[self._script.chunks[number].speaker].remember(best.ending)
        progress = self._accept(number, best)
        self._note(number, fault)
        yield progress

    def _try(self, number: int, attempts: list[Attempt]) -> Generator[Progress, None, None]:
        attempt = Attempt(self._take(number, len(attempts)))
        attempts.append(attempt)
        self._joiner.begin()
        before = self.computing
        with closing(self._engine.stream(attempt.request)) as items:
            for item in attempt.follow(items):
                self.computing = before + attempt.computing
                yield self._progress_of(item, number, attempt)
                if self._stopped and self._stopped():
                    self.is_part = True
                    return

    def _take(self, number: int, attempt: int) -> GenerationRequest:
        chunk = self._script.chunks[number]
        spoken = [before.speaker for before in self._script.chunks[:number]].count(chunk.speaker)
        request = self._cast[chunk.speaker].request(chunk.text, spoken, attempt)
        room_for = "" if number else self._longest_text()
        return replace(request, room_for=room_for, goes_on=bool(number or attempt))

    def _longest_text(self) -> str:
        """What is refused with the first take if it is too long, not in the middle of the text."""
        longest = max(self._script.chunks, key=lambda chunk: len(chunk.text))
        return self._cast[longest.speaker].request(longest.text, 0, 0).text

    def _progress_of(
        self, item: Waveform | QueuePosition, number: int, attempt: Attempt
    ) -> Progress:
        if isinstance(item, QueuePosition):
            return self._progress(number, _NOTHING, waiting=item)
        if self._streamed:
            return self._progress(number, self._final(self._joiner.feed(item)))
        return self._progress(number, _NOTHING, made=sum(map(len, attempt.patches)))

    def _accept(self, number: int, attempt: Attempt) -> Progress:
        """Makes a take final, and the pause after it."""
        pause = 0.0 if self.is_part else self._script.chunks[number].pause
        out = _NOTHING
        if self._joiner.is_silent:
            self._joiner.begin()
            out = self._joiner.feed(attempt.samples)
        self._final(out)
        rest = self._final(self._joiner.end(pause))
        self._duration.finish(number, self.seconds)
        return self._progress(number, np.concatenate([out, rest]))

    def _fault(self, number: int, attempt: Attempt) -> str | None:
        capped = attempt.ending is not None and attempt.ending.is_capped
        # The take's own text may begin with a description, which nobody hears.
        text = self._script.chunks[number].text
        return find_fault(attempt.samples, self._rate, text, is_capped=capped)

    def _note(self, number: int, fault: str | None) -> None:
        """Keeps what became of a chunk: what is final since the one before."""
        chunk = self._script.chunks[number]
        samples = np.concatenate([_NOTHING, *self.pieces[self._pieces_of_passages :]])
        self._pieces_of_passages = len(self.pieces)
        if not len(samples):
            return
        spans = align_sentences(samples, self._rate, chunk.text, is_cut=self.is_part)
        self.segments.append(
            Segment(
                chunk, self._cast[chunk.speaker], len(samples), spans, fault, is_cut=self.is_part
            )
        )

    def _final(self, samples: Waveform) -> Waveform:
        if len(samples):
            self.pieces.append(samples)
            self._samples += len(samples)
        return samples

    def _progress(
        self, number: int, audio: Waveform, *, made: int = 0, waiting: QueuePosition | None = None
    ) -> Progress:
        seconds = self.seconds + made / self._rate
        return Progress(
            made=seconds,
            expected=self._duration.expected(seconds),
            audio=audio,
            sample_rate=self._rate,
            computing=self.computing,
            chunk=number + 1,
            chunks=len(self._script.chunks),
            left=self._duration.left(seconds, self.computing),
            waiting=waiting,
        )
