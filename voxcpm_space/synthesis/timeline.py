"""What was spoken, segment by segment, so that it can be looked at, and one generated again."""

from dataclasses import dataclass
from itertools import accumulate

from voxcpm_space.messages import N_, Message
from voxcpm_space.synthesis.alignment import Span
from voxcpm_space.synthesis.speaker import Speaker
from voxcpm_space.text import TextSegment


@dataclass(frozen=True, eq=False)
class Segment:
    """A text segment as it was spoken.

    Attributes:
        text: What it says, and the pause after it.
        speaker: Who says it.
        samples: How many it has in the whole, the pause after it among them.
        sentences: When each is heard, from the start of the segment.
        fault: What may have gone wrong with it, in a few words.
        is_cut: Whether it was ended before its end.
    """

    text: TextSegment
    speaker: Speaker
    samples: int
    sentences: tuple[Span, ...]
    fault: Message | None = None
    is_cut: bool = False


@dataclass(frozen=True, eq=False)
class SpeechTimeline:
    """A script as it was spoken; the audio itself is elsewhere.

    Attributes:
        segments: What was made of those of the script, up to where the work ended.
        planned: How many segments the script has.
        lead_silence: Samples of silence before the first.
        sample_rate: In Hz.
    """

    segments: tuple[Segment, ...]
    planned: int
    lead_silence: int
    sample_rate: int

    @property
    def is_whole(self) -> bool:
        """Whether all of the script was spoken."""
        is_cut = any(segment.is_cut for segment in self.segments)
        return len(self.segments) == self.planned and not is_cut

    @property
    def starts(self) -> tuple[int, ...]:
        """Samples at which the segments start, and that at which the last one ends."""
        lengths = [segment.samples for segment in self.segments]
        return tuple(accumulate(lengths, initial=self.lead_silence))

    @property
    def sentences(self) -> tuple[Span, ...]:
        """When each sentence is heard."""
        return tuple(
            sentence.later(start / self.sample_rate)
            for start, segment in zip(self.starts, self.segments, strict=False)
            for sentence in segment.sentences
        )

    @property
    def sentences_of_last(self) -> tuple[Span, ...]:
        """When each sentence of the last segment is heard; none where there is no segment."""
        if not self.segments:
            return ()
        start = self.starts[-2] / self.sample_rate
        return tuple(sentence.later(start) for sentence in self.segments[-1].sentences)

    @property
    def parts(self) -> tuple[Span, ...]:
        """When each segment is heard."""
        return tuple(
            Span(segment.text.text, segment.sentences[0].start, segment.sentences[-1].end).later(
                start / self.sample_rate
            )
            for start, segment in zip(self.starts, self.segments, strict=False)
        )

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What a listener should know of the segments, in sentences."""
        return tuple(
            N_(
                "{what} may have gone wrong: {fault}. Another seed may help.",
                what=self._name(number),
                fault=segment.fault,
            )
            for number, segment in enumerate(self.segments, start=1)
            if segment.fault
        )

    def _name(self, number: int) -> Message:
        if self.planned == 1:
            return N_("The speech")
        return N_("Part {number} of {all}", number=number, all=self.planned)
