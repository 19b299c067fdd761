"""What was told, chunk by chunk, so that it can be looked at, and a chunk of it told again."""

from dataclasses import dataclass
from itertools import accumulate

from voxcpm_space.narration.speaker import Speaker
from voxcpm_space.narration.timing import Span
from voxcpm_space.text import Chunk


@dataclass(frozen=True, eq=False)
class Passage:
    """A chunk as it was spoken.

    Attributes:
        chunk: What it says, and the pause after it.
        speaker: Who says it.
        samples: How many it has in the whole, the pause after it among them.
        sentences: When each is heard, from the start of the passage.
        fault: What may have gone wrong with it, in a few words.
        is_cut: Whether it was ended before its end.
    """

    chunk: Chunk
    speaker: Speaker
    samples: int
    sentences: tuple[Span, ...]
    fault: str | None = None
    is_cut: bool = False


@dataclass(frozen=True, eq=False)
class Told:
    """A script as it was spoken; the sound itself is elsewhere.

    Attributes:
        passages: What was made of its chunks, up to where the work ended.
        chunks: How many the script has.
        lead: Samples of silence before the first.
        sample_rate: In Hz.
    """

    passages: tuple[Passage, ...]
    chunks: int
    lead: int
    sample_rate: int

    @property
    def is_whole(self) -> bool:
        """Whether all of the script was spoken."""
        is_cut = any(passage.is_cut for passage in self.passages)
        return len(self.passages) == self.chunks and not is_cut

    @property
    def starts(self) -> tuple[int, ...]:
        """Samples at which the passages start, and that at which the last one ends."""
        lengths = [passage.samples for passage in self.passages]
        return tuple(accumulate(lengths, initial=self.lead))

    @property
    def sentences(self) -> tuple[Span, ...]:
        """When each sentence is heard."""
        return tuple(
            sentence.later(start / self.sample_rate)
            for start, passage in zip(self.starts, self.passages, strict=False)
            for sentence in passage.sentences
        )

    @property
    def parts(self) -> tuple[Span, ...]:
        """When each chunk is heard."""
        return tuple(
            Span(passage.chunk.text, passage.sentences[0].start, passage.sentences[-1].end).later(
                start / self.sample_rate
            )
            for start, passage in zip(self.starts, self.passages, strict=False)
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a listener should know of the passages, in sentences."""
        return tuple(
            f"{self._name(number)} may have gone wrong: {passage.fault}. Another seed may help."
            for number, passage in enumerate(self.passages, start=1)
            if passage.fault
        )

    def _name(self, number: int) -> str:
        return f"Part {number} of {self.chunks}" if self.chunks > 1 else "The speech"
