"""What is said of speech in the making."""

from dataclasses import dataclass

from voxcpm_space.audio import Waveform
from voxcpm_space.engine import QueuePosition
from voxcpm_space.messages import N_, Message
from voxcpm_space.reference import Reference
from voxcpm_space.synthesis.alignment import Span


@dataclass(frozen=True)
class Progress:
    """Speech in the making.

    Attributes:
        made: Seconds of audio so far, what may yet be made again included.
        expected: Seconds of audio that the text is estimated to need.
        audio: Samples that have become final since the last event, mono, shape (samples,).
        sample_rate: Of the audio, in Hz.
        computing: Seconds in which the model worked for what is made.
        segment: Which one is spoken, from 1.
        segments: How many there are.
        left: Seconds until everything is made, estimated; None where nothing is known yet.
        waiting: How far the segment is from its turn; None once it has come.
        reference: What was made of the reference clip, where there is one.
        notes: What was changed in the text before, in a few words each.
        sentences: Those of the segment that has just become final, and when each is heard.
        speed: How fast the speech is played.
    """

    made: float
    expected: float
    audio: Waveform
    sample_rate: int
    computing: float = 0.0
    segment: int = 1
    segments: int = 1
    left: float | None = None
    waiting: QueuePosition | None = None
    reference: Reference | None = None
    notes: tuple[Message, ...] = ()
    sentences: tuple[Span, ...] = ()
    speed: float = 1.0

    @property
    def generated(self) -> float:
        """Seconds of audio that the model made so far, whatever the speed."""
        return self.made * self.speed

    @property
    def part(self) -> float:
        """How much of it is made, from 0 to 1; 0 where it was stopped before there was a sound."""
        return min(self.made / self.expected, 1.0) if self.expected else 0.0

    @property
    def state(self) -> Message:
        """How long the segment waits, or else how much of the speech is made."""
        if self.waiting:
            return N_(
                "Waiting: {ahead} before it, about {seconds:.0f} s",
                ahead=self.waiting.ahead,
                seconds=max(1, self.waiting.seconds),
            )
        return N_(
            "{made:.1f} s made, of about {expected:.1f} s",
            made=self.made,
            expected=self.expected,
        )

    @property
    def messages(self) -> tuple[Message, ...]:
        """How far the speech is, to be read as one line: the segment, its state, what is left."""
        part_of = {"number": self.segment, "all": self.segments}
        part = (N_("Part {number} of {all}: ", **part_of),) if self.segments > 1 else ()
        return (*part, self.state, *(() if self.waiting else self._left))

    @property
    def _left(self) -> tuple[Message, ...]:
        if self.left is None or self.left < 1:
            return ()
        minutes, seconds = divmod(round(self.left), 60)
        if minutes:
            return (N_("; about {minutes} min {seconds} s left", minutes=minutes, seconds=seconds),)
        return (N_("; about {seconds} s left", seconds=seconds),)
