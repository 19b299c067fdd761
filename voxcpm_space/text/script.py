"""A text as it is spoken: chunks for one take each, with the silence after them."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from voxcpm_space.text.dialogue import Turn, begins_turn, read_turns
from voxcpm_space.text.lines import joined
from voxcpm_space.text.packing import packed
from voxcpm_space.text.pauses import split_at_pauses
from voxcpm_space.text.phrase_split import phrases
from voxcpm_space.text.preprocess import preprocess
from voxcpm_space.text.sentence_split import sentences
from voxcpm_space.text.speaking_time import estimate_seconds, is_wide, speaking_seconds
from voxcpm_space.text.validate import has_words, refuse_wordless

MAX_CHUNK_SECONDS = 19.5
"""300 characters of English: beyond that VoxCPM2's voices drift and distort."""
_ENOUGH_SECONDS = 4.0
"""Of speech in a chunk that ends with its line."""
_TOO_SHORT_SECONDS = 1.0
"""VoxCPM2 speaks single words less steadily, so a paragraph of one goes with the next."""

_SENTENCE_PAUSE = 0.35
_TURN_PAUSE = 0.5
_PARAGRAPH_PAUSE = 0.8
_PHRASE_PAUSE = 0.15

_ENDS = tuple(".,!?…:;。！？、，：；।॥؟۔،؛-–—")
_CLOSING = "\"'”’»」』）)]"


@dataclass(frozen=True)
class TextSegment:
    """What is spoken in one take.

    Attributes:
        text: In one line.
        pause: Seconds of silence after it; 0 after the last one.
        speaker: Name of who says it in a dialogue; empty for the only or unnamed voice.
    """

    text: str
    pause: float
    speaker: str = ""

    @property
    def seconds(self) -> float:
        """Of speech, estimated."""
        return estimate_seconds(self.text)


@dataclass(frozen=True)
class Script:
    """A text in chunks.

    Attributes:
        chunks: At least one.
        lead: Seconds of silence before the first.
        notes: What was changed in the text, in a few words each.
    """

    chunks: tuple[TextSegment, ...]
    lead: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def is_one_take(self) -> bool:
        """Whether it is spoken as it comes, without silence of ours."""
        return len(self.chunks) == 1 and not self.lead and not self.chunks[0].pause

    @property
    def seconds(self) -> float:
        """Of audio, estimated."""
        return self.lead + sum(chunk.seconds + chunk.pause for chunk in self.chunks)


def parse_script(text: str) -> Script:
    """Makes a script of a checked text.

    Raises:
        InputError: A pause is wrong, or nothing is left to speak.
    """
    cared, notes = preprocess(text)
    return _written([Turn("", cared)], notes)


def parse_dialogue(text: str) -> Script:
    """Makes a script of a checked text whose lines begin with the names of who says them.

    Raises:
        InputError: As `parse_script`, and where there are too many names.
    """
    cared, notes = preprocess(text, begins_turn)
    return _written(read_turns(cared), notes)


def _written(turns: Sequence[Turn], notes: tuple[str, ...]) -> Script:
    whole = "\n".join(turn.text for turn in turns)
    refuse_wordless(" ".join(part for part, _ in split_at_pauses(whole)))
    chunks: list[TextSegment] = []
    lead = written = 0.0
    for turn in turns:
        for part, pause in split_at_pauses(turn.text):
            spoken = [replace(chunk, speaker=turn.name) for chunk in _chunks(part)]
            if spoken and chunks:
                # Inside of a turn there is always one that a person wrote.
                chunks[-1] = replace(chunks[-1], pause=written or _TURN_PAUSE)
            elif spoken:
                lead = written
            chunks += spoken
            written = pause if spoken else written + pause
    chunks[-1] = replace(chunks[-1], pause=written)
    return Script(tuple(chunks), lead, notes)


def _chunks(text: str) -> Iterator[TextSegment]:
    """Gives the chunks of a text without pauses of its own."""
    for paragraph in _paragraphs(text):
        for run in _runs(paragraph):
            spoken = list(_packed_sentences(run))
            yield from spoken[:-1]
            yield from (replace(chunk, pause=_PARAGRAPH_PAUSE) for chunk in spoken[-1:])


def _paragraphs(text: str) -> Iterator[str]:
    waiting = ""
    for paragraph in text.split("\n\n"):
        waiting += f"\n{paragraph}" if waiting else paragraph
        if speaking_seconds(waiting) >= _TOO_SHORT_SECONDS:
            yield waiting
            waiting = ""
    yield waiting


def _runs(paragraph: str) -> Iterator[str]:
    """Gives lines that are spoken together: short ones, such as those of a list or a poem."""
    run: list[str] = []
    for line in filter(has_words, paragraph.split("\n")):
        run.append(line)
        if sum(map(speaking_seconds, run)) >= _ENOUGH_SECONDS:
            yield _run(run)
            run.clear()
    if run:
        yield _run(run)


def _run(lines: list[str]) -> str:
    """Lines after each other, so that the end of each is heard."""
    return functools.reduce(joined, [*map(_ended, lines[:-1]), lines[-1]])


def _ended(line: str) -> str:
    line = line.strip()
    if line.rstrip(_CLOSING).endswith(_ENDS):
        return line
    return line + ("。" if is_wide(line[-1]) else ".")


def _packed_sentences(text: str) -> Iterator[TextSegment]:
    whole = sentences(text)
    ends = set(accumulate(map(len, whole)))
    parts = [part for sentence in whole for part in phrases(sentence, MAX_CHUNK_SECONDS)]
    position = 0
    for group in packed(parts, MAX_CHUNK_SECONDS):
        chunk = "".join(group)
        position += len(chunk)
        pause = _SENTENCE_PAUSE if position in ends else _PHRASE_PAUSE
        if has_words(chunk):
            yield TextSegment(" ".join(chunk.split()), pause)
