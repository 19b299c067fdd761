"""A finished speech, and the events that lead to it."""

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from voxcpm_space.errors import ClientLeftError
from voxcpm_space.messages import N_, Message
from voxcpm_space.reference import Reference
from voxcpm_space.schemas import Request
from voxcpm_space.synthesis import Progress, SegmentRegeneration, Span, SpeechTimeline
from voxcpm_space.voices import Voice

_IS_PART = N_("This is a part: it ended before all of the text was spoken.")


@dataclass(frozen=True, eq=False)
class Speech:
    """A finished speech.

    Attributes:
        path: The WAV file.
        request: What was asked for, its seed drawn.
        sample_rate: In Hz.
        seconds: Of audio.
        elapsed: Seconds from the request to the finished file.
        rtf: Seconds of computing for a second of audio.
        timeline: What each segment of the text became.
        new_seconds: Of audio that the model made for it: less than all where one part was made
            again, and not as many as `seconds` at another speed than 1.
        reference: What was made of the reference clip, where there is one.
        warnings: What a listener should know of it, in sentences.
        notes: What was changed in the text before, in a few words each.
        is_part: Whether it was ended before all of the text was spoken.
        voice: Who speaks, to be kept; None where too little was made to know.
        url: Where the file is in the store of results; empty where it is on this server alone.
    """

    path: Path
    request: Request
    sample_rate: int
    seconds: float
    elapsed: float
    rtf: float
    timeline: SpeechTimeline
    new_seconds: float
    reference: Reference | None = None
    warnings: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()
    is_part: bool = False
    voice: Voice | None = None
    url: str = ""

    @property
    def id(self) -> str:
        """Finds it again; cannot be guessed."""
        return self.path.stem

    @property
    def seed(self) -> int:
        """Makes the same speech again."""
        return self.request.seed

    @property
    def parts(self) -> tuple[Span, ...]:
        """The parts that it was made in, and when each is heard."""
        return self.timeline.parts

    @property
    def sentences(self) -> tuple[Span, ...]:
        """Its sentences, and about when each is heard."""
        return self.timeline.sentences

    @property
    def advice(self) -> tuple[Message, ...]:
        """What a listener should know of all of it: whether it is whole, its clip, its sound."""
        of_clip = self.reference.warnings if self.reference else ()
        return (*((_IS_PART,) if self.is_part else ()), *of_clip, *self.warnings)

    @property
    def nbytes(self) -> int:
        """Memory that it takes, in bytes, nearly."""
        clip = self.reference.samples.nbytes if self.reference else 0
        return clip + (self.voice.encoded.nbytes if self.voice else 0)

    def with_regenerated(
        self, regeneration: SegmentRegeneration, path: Path, elapsed: float
    ) -> "Speech":
        """Gives the speech with one part in the place of another.

        Args:
            regeneration: Made that part.
            path: The new file.
            elapsed: Seconds that it took.
        """
        timeline = regeneration.timeline
        seconds = timeline.starts[-1] / self.sample_rate
        computing = self.rtf * self.seconds + regeneration.computing
        others = [warning for warning in self.warnings if warning not in self.timeline.warnings]
        return replace(
            self,
            path=path,
            timeline=timeline,
            seconds=seconds,
            new_seconds=regeneration.generated_seconds,
            elapsed=self.elapsed + elapsed,
            rtf=computing / seconds,
            warnings=(*timeline.warnings, *others),
            is_part=not timeline.is_whole,
        )


Events: TypeAlias = Generator[Progress | Speech, None, None]
"""Progress again and again, and at the end, once, the Speech. Closing it stops the work.

Only where a person stopped it before there was any sound, there is no Speech.
"""


def finished(events: Events, has_left: Callable[[], bool] = lambda: False) -> Speech:
    """Waits for the end and gives the speech.

    Args:
        events: Of a speech.
        has_left: Tells whether nobody waits for it any more.

    Raises:
        ClientLeftError: Nobody does; the work has ended.
    """
    with closing(events):
        for event in events:
            if isinstance(event, Speech):
                return event
            if has_left():
                raise ClientLeftError(N_("The client left."))
    raise AssertionError("A speech that nobody stopped ends with its Speech")
