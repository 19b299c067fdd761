"""Words in parentheses at the start of a text, which VoxCPM2 takes for a style."""

import re

from voxcpm_space.text.speaking_time import is_wide

_START = re.compile(r"(?P<before>[^\w(（]*)[(（]")
_MARKS = ".,;:!?…—–-。，；：！？、"
_CLOSING_QUOTES = "\"'”’»」』"
_BLANKS = " \t"


def without_first_parentheses(text: str) -> str:
    """Takes the first words of a text out of their parentheses, so that they are spoken.

    A comma stands in their place where no other mark does, since a reader pauses there.
    """
    while found := _START.match(text):
        text = found["before"] + _unwrapped(text[found.end() :])
    return text


def _unwrapped(text: str) -> str:
    """Takes away the parenthesis that closes one that was opened before the text."""
    open_ones = 1
    for position, character in enumerate(text):
        open_ones += (character in "(（") - (character in ")）")
        if not open_ones:
            return _joined(text[:position].strip(), text[position + 1 :])
    return text


def _joined(inside: str, rest: str) -> str:
    following = rest.lstrip(_BLANKS)
    if not inside or not following:
        return inside + following
    if rest[0] in _CLOSING_QUOTES:
        return inside + rest
    if following[0] in _MARKS or inside[-1] in _MARKS:
        blank = " " if following[0] not in _MARKS and not is_wide(following[0]) else ""
        return f"{inside}{blank}{following}"
    if rest[0] not in _BLANKS and rest[0].isalpha() and not is_wide(rest[0]):
        return inside + rest  # (un)likely
    return f"{inside}，{following}" if is_wide(inside[-1]) else f"{inside}, {following}"
