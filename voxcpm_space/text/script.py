"""A text as it is spoken: segments, each generated in one go, with the silence after them."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from voxcpm_space.messages import N_, Message
from voxcpm_space.text.dialogue import Turn, begins_turn, names_in, read_turns
from voxcpm_space.text.lines import joined
from voxcpm_space.text.numbers import spell_out
from voxcpm_space.text.pauses import pause_characters, split_at_pauses
from voxcpm_space.text.phrase_split import pack, split_phrases
from voxcpm_space.text.preprocess import preprocess
from voxcpm_space.text.sentence_split import split_sentences
from voxcpm_space.text.speaking_time import estimate_seconds, is_wide, speaking_seconds
from voxcpm_space.text.validate import has_words, refuse_wordless

MAX_SEGMENT_SECONDS = 19.5
"""300 characters of English: beyond that VoxCPM2's voices drift and distort."""
_ENOUGH_SECONDS = 4.0
"""Of speech in a segment that ends with its line."""
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
    """What is generated in one go.

    Attributes:
        text: In one line.
        sentences: The same in sentences; of a long one, only a part may be in it.
        pause: Seconds of silence after it; 0 after the last one.
        speaker: Name of who says it in a dialogue; empty for the only or unnamed voice.
        reading: The text with its numbers and signs as words, where that was asked for.
    """

    text: str
    sentences: tuple[str, ...]
    pause: float
    speaker: str = ""
    reading: str = ""

    @property
    def spoken(self) -> str:
        """What the model is to say."""
        return self.reading or self.text

    @property
    def seconds(self) -> float:
        """Of speech, estimated."""
        return estimate_seconds(self.text)


@dataclass(frozen=True)
class Script:
    """A parsed text.

    Attributes:
        segments: At least one.
        lead_silence: Seconds of silence before the first.
        notes: What was changed in the text, in a few words each.
        names: In a dialogue all that are named, in the order in which they begin.
        pause_characters: As how many characters the pauses count that a person wrote.
    """

    segments: tuple[TextSegment, ...]
    lead_silence: float = 0.0
    notes: tuple[Message, ...] = ()
    names: tuple[str, ...] = ()
    pause_characters: int = 0

    @property
    def speakers(self) -> frozenset[str]:
        """Who is heard; the unnamed voice is empty."""
        return frozenset(segment.speaker for segment in self.segments)

    @property
    def is_single_segment(self) -> bool:
        """Whether it is spoken as the model makes it, without silence of ours."""
        return len(self.segments) == 1 and not self.lead_silence and not self.segments[0].pause

    @property
    def seconds(self) -> float:
        """Of audio, estimated."""
        return self.lead_silence + sum(segment.seconds + segment.pause for segment in self.segments)


def parse_script(text: str, *, normalize: bool = False) -> Script:
    """Parses a validated text.

    Args:
        text: What to say.
        normalize: Whether numbers, dates and signs are written out as words.

    Raises:
        InputError: There are too many pauses, or nothing is left to speak.
    """
    spoken, notes = preprocess(text)
    script = _script([Turn("", spoken)], notes)
    return _spelled_out(script) if normalize else script


def parse_dialogue(text: str, *, normalize: bool = False) -> Script:
    """Parses a validated text whose lines begin with the names of who says them.

    Args:
        text: What to say.
        normalize: As for `parse_script`.

    Raises:
        InputError: As `parse_script`, and where there are too many names.
    """
    spoken, notes = preprocess(text, begins_turn)
    script = _script(read_turns(spoken), notes)
    return _spelled_out(script) if normalize else script


def _script(turns: Sequence[Turn], notes: tuple[Message, ...]) -> Script:
    whole = "\n".join(turn.text for turn in turns)
    refuse_wordless(" ".join(part for part, _ in split_at_pauses(whole)))
    segments: list[TextSegment] = []
    lead_silence = written = 0.0
    for turn in turns:
        for part, pause in split_at_pauses(turn.text):
            spoken = [replace(segment, speaker=turn.name) for segment in _segments(part)]
            if spoken and segments:
                # Inside of a turn there is always one that a person wrote.
                segments[-1] = replace(segments[-1], pause=written or _TURN_PAUSE)
            elif spoken:
                lead_silence = written
            segments += spoken
            written = pause if spoken else written + pause
    segments[-1] = replace(segments[-1], pause=written)
    names = tuple(filter(None, names_in(turns)))
    return Script(tuple(segments), lead_silence, notes, names, pause_characters(whole))


def _spelled_out(script: Script) -> Script:
    read = [spell_out(segment.sentences) for segment in script.segments]
    notes = script.notes
    if not all(one.is_whole for one in read):
        notes += (N_("some numbers or signs left as they are written"),)
    segments = tuple(
        replace(segment, reading=one.text)
        for segment, one in zip(script.segments, read, strict=True)
    )
    return replace(script, segments=segments, notes=notes)


def _segments(text: str) -> Iterator[TextSegment]:
    """Gives the segments of a text without pauses of its own."""
    for paragraph in _paragraphs(text):
        for run in _runs(paragraph):
            spoken = list(_packed(run))
            yield from spoken[:-1]
            yield from (replace(segment, pause=_PARAGRAPH_PAUSE) for segment in spoken[-1:])


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


def _packed(text: str) -> Iterator[TextSegment]:
    """Gives the segments of a text that is spoken without a break."""
    sentences = split_sentences(text)
    ends = set(accumulate(map(len, sentences)))
    phrases = [
        phrase for sentence in sentences for phrase in split_phrases(sentence, MAX_SEGMENT_SECONDS)
    ]
    position = 0
    for group in pack(phrases, MAX_SEGMENT_SECONDS):
        parts = [""]
        for phrase in group:
            parts[-1] += phrase
            position += len(phrase)
            if position in ends:
                parts.append("")
        if has_words("".join(group)):
            pause = _SENTENCE_PAUSE if position in ends else _PHRASE_PAUSE
            yield TextSegment(_in_one_line("".join(group)), _nonblank(parts), pause)


def _nonblank(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, map(_in_one_line, parts)))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
