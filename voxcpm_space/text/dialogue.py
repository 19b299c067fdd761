"""A dialogue: a line that begins with a name and a colon is said by whom it names."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.text.markdown import without_markdown
from voxcpm_space.text.pauses import split_at_pauses
from voxcpm_space.text.preprocess import preprocess
from voxcpm_space.text.speaking_time import is_wide
from voxcpm_space.text.validate import has_words

MAX_NAMES = 8
MAX_NAME_LENGTH = 40
"""Characters; a Chinese one is as good as four."""
_MAX_WORDS = 3
"""With more, `This is my advice: ...` would be a person."""
_WIDE = 4

_START = re.compile(
    # `[pause 1s] Ann: ...` is Ann's, too; `Ann (whispering): ...` is said by Ann.
    r"(?P<pauses>(?:\[[ \t]*pause[^\[\]]*\][ \t]*)*)"
    r"(?P<name>[^:：()（）\[\]]+)(?:[(（][^()（）:：]*[)）][ \t]*)?"
    r"(?P<colon>[:：])(?P<said>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NO_NAME = re.compile(r"""[,;!?…"<>{}|/\\@=~^$%+*\u201c-\u201e、。，！？；।「」『』«»]|\w{5}\.\s""")
"""Marks that end or divide sentences, a full stop that is not that of `Mrs.` included."""
_HOST_AND_PORT = re.compile(r"(?:mailto|tel|doi|urn):\S|[a-z0-9][a-z0-9.-]*:\d{2}")
_NO_SPEECH = re.compile(r"[/\\:]|-?[()|DP]\s*$")
"""After the colon of an address, a path, or an emoticon."""


@dataclass(frozen=True)
class Turn:
    """What one voice says before the next.

    Attributes:
        name: As it is written where the speaker is first named; empty for what comes before all
            names, which a narrator says.
        text: In lines.
    """

    name: str
    text: str


def speaker_names(text: str) -> tuple[str, ...]:
    """Gives the names in a dialogue in the order in which they begin; the narrator's is empty.

    For a text that is being typed; a `Script` has them, too.

    Raises:
        InputError: There are too many, or too many pauses.
    """
    spoken, _ = preprocess(text, begins_turn)
    return names_in(read_turns(spoken))


def written_turns(text: str) -> list[Turn]:
    """Divides a text as it is written into what each voice says, for a person to go on with."""
    turns: list[Turn] = []
    for line in text.strip().split("\n"):
        started = _started(without_markdown(line))
        if started or not turns:
            turns.append(Turn(*(started or ("", line))))
        else:
            turns[-1] = Turn(turns[-1].name, f"{turns[-1].text}\n{line}")
    return [Turn(turn.name, turn.text.strip()) for turn in turns if turn.text.strip()]


def names_in(turns: Iterable[Turn]) -> tuple[str, ...]:
    """Gives the names in the order in which they begin; a narrator's, who is empty, if heard."""
    return tuple(dict.fromkeys(turn.name for turn in turns if turn.name or _has_words(turn)))


def name_key(name: str) -> str:
    """Gives what all ways to write a name have in common, for one that was preprocessed.

    What comes from a preprocessed text is; what somebody gives beside it is not.
    """
    return " ".join(name.split()).casefold()


def begins_turn(line: str) -> bool:
    """Tells whether a name begins a line, Markdown around it included."""
    return _started(without_markdown(line)) is not None


def read_turns(text: str) -> list[Turn]:
    """Reads a preprocessed text; lines without a name go on with the last speaker.

    Raises:
        InputError: It has too many names.
    """
    names: dict[str, str] = {}
    turns: list[Turn] = []
    for name, said in _lines(text):
        known = names.setdefault(name_key(name), name) if name else ""
        if not turns or (name and known != turns[-1].name):
            turns.append(Turn(known, said))
        else:
            turns[-1] = Turn(turns[-1].name, f"{turns[-1].text}\n{said}")
    _refuse_too_many(list(names.values()))
    return turns


def _has_words(turn: Turn) -> bool:
    return any(has_words(part) for part, _ in split_at_pauses(turn.text))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Gives every line with the name that it begins with, or an empty one."""
    for line in text.split("\n"):
        started = _started(line)
        yield started or ("", line)


def _started(line: str) -> tuple[str, str] | None:
    """Gives the name that a line begins with, and what is said; None where there is no name."""
    found = _START.match(line.strip())
    if not found or not _is_name(found["name"].strip()):
        return None
    between_digits = found["name"][-1:].isdecimal() and found["said"][:1].isdecimal()
    if between_digits or _NO_SPEECH.match(found["said"]):  # `At 10:30 ...`, `https://...`
        return None
    if _HOST_AND_PORT.match(line.strip()):
        return None
    return " ".join(found["name"].split()), f"{found['pauses']}{found['said'].lstrip()}"


def _is_name(text: str) -> bool:
    length = sum(_WIDE if is_wide(character) else 1 for character in text)
    return (
        length <= MAX_NAME_LENGTH
        and len(text.split()) <= _MAX_WORDS
        and any(map(str.isalpha, text))
        and not _NO_NAME.search(text)
    )


def _refuse_too_many(names: list[str]) -> None:
    if len(names) > MAX_NAMES:
        others = ["..."] if len(names) > MAX_NAMES + 1 else []
        raise InputError(
            N_(
                "The dialogue has {count} names ({names}); at most {most} are allowed. "
                "Whatever stands before a colon at the start of a line is taken for a name.",
                count=len(names),
                names=", ".join([*names[: MAX_NAMES + 1], *others]),
                most=MAX_NAMES,
            )
        )
