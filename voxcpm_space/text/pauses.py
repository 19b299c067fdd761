"""Pauses where a person writes them: `[pause 1.5s]`, `[pause 500 ms]`, `[pause]`."""

import re

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_

MAX_PAUSE = 10.0
"""Seconds."""
MAX_PAUSES = 100
MAX_PAUSE_SECONDS = 300.0
"""Of all pauses of a text: they cost nothing to make, but files are as large as for speech."""
PAUSE_CHARACTERS_PER_SECOND = 15
"""What a pause counts as where characters are limited: about as many could be said meanwhile."""
DEFAULT_PAUSE = 1.0
_SHORT_PAUSE, _LONG_PAUSE = 0.5, 2.0
MIN_PAUSE = 0.05
_MANY = 50
"""Without a unit so many are milliseconds."""
_MARK = re.compile(r"\[[ \t]*pause(?![\w-])([^\[\]\n]*)\]", re.IGNORECASE)
_LENGTH = re.compile(
    r"(?:[:=\s]|(?:for|of)\b){0,9}(?P<count>[0-9]{1,9}(?:[.,][0-9]{1,9})?|an?|one|two|three|four|five)"
    r"[ \t-]?(?:(?P<s>s|secs?\.?|seconds?|秒)|(?P<ms>ms|msecs?|milliseconds?|毫秒))?\s*",
    re.IGNORECASE,
)
_MINUTES = re.compile(
    r"(?:[:=\s]|(?:for|of)\b){0,9}(?P<count>[0-9]{1,3})[ \t-]?(?:min(?:ute)?s?|分钟?)\s*",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\[[ \t]*(?:(?P<how>short|brief|long)[ \t]+(?:pause|break|silence)|"
    r"(?:break|silence|wait)[ \t]*(?P<length>[0-9][0-9.,]{0,9}[ \t]?[a-z秒毫分钟]{1,12})|"
    r"(?:停顿|暂停)[ \t]*(?P<chinese>[0-9.]{0,9}[ \t]?[a-z秒毫分钟]{0,12}))[ \t]*\]",
    re.IGNORECASE,
)
_TAGGED = re.compile(r"<[ \t]*pause(?![\w-])([^<>\[\]\n]{0,40})>", re.IGNORECASE)
"""Other ways to write one: `[long pause]`, `[break 1s]`, `[停顿1秒]`, and `<pause 1s>`."""
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def split_at_pauses(text: str) -> list[tuple[str, float]]:
    """Splits a text at its pauses.

    Returns:
        The parts, each with the pause after it in seconds; 0 after the last one.

    Raises:
        InputError: They are too many or too long; says what is allowed.
    """
    texts, lengths = _MARK.split(text)[::2], _MARK.findall(text)
    if len(lengths) > MAX_PAUSES:
        raise InputError(
            N_(
                "The text has {count:,} pauses; at most {most} are allowed. "
                "Please leave some of them out, or send the text in parts.",
                count=len(lengths),
                most=MAX_PAUSES,
            )
        )
    pauses = [*map(_seconds, lengths), 0.0]
    seconds = round(sum(pauses), 3)
    if seconds > MAX_PAUSE_SECONDS:
        raise InputError(
            N_(
                "The pauses of the text last {seconds:,g} s; together they may last {most:g} s. "
                "Please make them shorter, or send the text in parts.",
                seconds=seconds,
                most=MAX_PAUSE_SECONDS,
            )
        )
    return list(zip(texts, pauses, strict=True))


def pause_characters(text: str) -> int:
    """Gives as how many characters the pauses of a preprocessed text count.

    Raises:
        InputError: As `split_at_pauses`.
    """
    seconds = sum(pause for _, pause in split_at_pauses(text))
    return round(seconds * PAUSE_CHARACTERS_PER_SECOND)


def with_usual_pauses(text: str) -> str:
    """Writes pauses that are written in other ways as `[pause 1s]`."""
    text = _TAGGED.sub(lambda tag: f"[pause{tag[1].rstrip('/')}]", text)
    return _OTHERS.sub(_usual, text)


def _usual(mark: re.Match[str]) -> str:
    if mark["how"]:
        seconds = _LONG_PAUSE if mark["how"].lower() == "long" else _SHORT_PAUSE
        return f"[pause {seconds:g}s]"
    length = f" {mark['length'] or mark['chinese']}"
    return mark[0] if _length(length) is None else f"[pause{length.rstrip()}]"


def with_readable_pauses(text: str) -> str:
    """Gives pauses whose length cannot be read, such as `[pause for effect]`, without one."""
    return _MARK.sub(lambda mark: mark[0] if _length(mark[1]) is not None else "[pause]", text)


def with_possible_pauses(text: str) -> str:
    """Brings the lengths of pauses within what is allowed."""
    return _MARK.sub(_possible, text)


def _possible(mark: re.Match[str]) -> str:
    seconds = _seconds(mark[1])
    possible = min(max(seconds, MIN_PAUSE), MAX_PAUSE)
    return mark[0] if seconds == possible else f"[pause {possible:g}s]"


def _seconds(written: str) -> float:
    length = _length(written)
    return DEFAULT_PAUSE if length is None else length


def _length(written: str) -> float | None:
    """Reads the length of a pause in seconds; None where none can be read."""
    if not written.strip(" \t.…:"):
        return DEFAULT_PAUSE
    if minutes := _MINUTES.fullmatch(written):
        return 60.0 * int(minutes["count"])
    found = _LENGTH.fullmatch(written)
    if not found:
        return None
    word = found["count"].lower()
    count = float(_COUNTS.get(word) or word.replace(",", "."))
    has_unit = bool(found["s"] or found["ms"])
    if word in _COUNTS and not has_unit:  # a moment
        return None
    return count / 1000 if found["ms"] or (count >= _MANY and not has_unit) else count
