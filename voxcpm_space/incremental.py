"""A text that is spoken while it is still being written: piece by piece, in one voice."""

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import replace

from voxcpm_space.engine import Engine
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.monitoring import AUDIO_SECONDS, OPEN_REQUESTS, RTF
from voxcpm_space.reference import Reference
from voxcpm_space.schemas import Request
from voxcpm_space.synthesis import LevelingJoiner, Progress, Speakers, Synthesis, speaker_seed
from voxcpm_space.text import Script

_PAUSE = 0.35
"""Seconds after a piece, as after a sentence."""


class IncrementalSpeech:
    """Speaks the pieces of a text, one after the other; stores nothing.

    Attributes:
        seconds: Of audio so far.
        reference: What was made of the reference clip, where there is one.
    """

    def __init__(
        self,
        engine: Engine,
        check: Callable[[Mapping[str, object]], Request],
        prepare: Callable[[Request], tuple[Reference | None, Speakers]],
        fields: Mapping[str, object],
        max_length: int,
    ) -> None:
        """Prepares nothing yet.

        Args:
            engine: Generates the pieces.
            check: Checks fields.
            prepare: Gives clip and speaker of the first piece; they speak all others, too.
            fields: All but the text.
            max_length: Most characters of all pieces.
        """
        self._engine, self._check, self._prepare = engine, check, prepare
        self._fields = dict(fields)
        self._left = max_length
        self._pieces = 0
        self._speakers: Speakers | None = None
        self._joiner: LevelingJoiner | None = None
        self.seconds = 0.0
        self.reference: Reference | None = None

    @property
    def has_begun(self) -> bool:
        """Whether a piece was asked for."""
        return self._pieces > 0

    def checked(self, text: str) -> Request:
        """Gives the request for the next piece.

        Raises:
            InputError: A field is wrong, or the pieces are too long.
        """
        request = self._check(self._fields | {"text": text})
        self._fields["seed"] = request.seed
        self._left -= len(text) + request.script.pause_characters
        if self._left < 0:
            raise InputError(
                N_("The text is too long. Please end it, and begin another one."), "text"
            )
        return request

    def events(self, request: Request) -> Generator[Progress, None, None]:
        """Speaks what `checked` gave; closing it ends the work.

        Raises:
            InputError: The voice cannot be used.
            SpaceError: As `Engine.stream`.
        """
        if self._speakers is None:
            self.reference, self._speakers = self._prepare(request)
            self._joiner = LevelingJoiner(self._engine.sample_rate)
        elif self._pieces:
            speaker = self._speakers[""]
            seed = speaker_seed(request.seed, str(self._pieces))
            speaker.base_request = replace(speaker.base_request, seed=seed)
        self._pieces += 1
        synthesis = Synthesis(
            self._engine,
            self._speakers,
            _paused(request.script),
            streamed=True,
            joiner=self._joiner,
            speed=request.speed,
        )
        before = self.seconds
        with OPEN_REQUESTS.track_inprogress(), closing(synthesis.events()) as events:
            for progress in events:
                self.seconds = before + progress.made
                yield replace(progress, reference=self.reference, notes=request.script.notes)
        AUDIO_SECONDS.inc(synthesis.seconds)
        RTF.observe(synthesis.rtf)


def _paused(script: Script) -> Script:
    """Gives a script with a pause after it, since another one follows."""
    *others, last = script.segments
    return replace(script, segments=(*others, replace(last, pause=last.pause or _PAUSE)))
