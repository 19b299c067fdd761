"""Pauses where a person writes them: `[pause 1.5s]`, `[pause 500ms]` or `[pause]`."""

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
_DEFAULT = 1.0
_MIN_PAUSE = 0.05
_MARK = re.compile(r"\[[ \t]*pause(?![\w-])([^\[\]\n]*)\]", re.IGNORECASE)
_LENGTH = re.compile(r"[:= \t]*([0-9]{1,9}(?:\.[0-9]{1,9})?)[ \t]*(s|ms)[ \t]*", re.IGNORECASE)
_SHOWN_CHARACTERS = 40


def split_at_pauses(text: str) -> list[tuple[str, float]]:
    """Splits a text at its pauses.

    Returns:
        The parts, each with the pause after it in seconds; 0 after the last one.

    Raises:
        InputError: A pause is wrong, or they are too many or too long; says what is allowed.
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


def _seconds(written: str) -> float:
    if not written.strip():
        return _DEFAULT
    length = _LENGTH.fullmatch(written)
    seconds = 0.0
    if length:
        seconds = float(length[1]) / (1000 if length[2].lower() == "ms" else 1)
    if _MIN_PAUSE <= seconds <= MAX_PAUSE:
        return seconds
    mark = f"[pause{written}]"
    shown = mark if len(mark) <= _SHOWN_CHARACTERS else f"{mark[:_SHOWN_CHARACTERS]}..."
    raise InputError(
        N_(
            "{mark} cannot be made. A pause lasts from {least:g} to {most:g} seconds, "
            "and is written as [pause 1.5s] or [pause 500ms].",
            mark=shown,
            least=_MIN_PAUSE,
            most=MAX_PAUSE,
        )
    )
