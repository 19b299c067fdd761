"""Lines as they were meant: wrapped ones joined again, those that stand for themselves kept."""

import re
from collections.abc import Callable

from voxcpm_space.text.speaking_time import is_wide

_WRAPPED_COLUMNS = 50
"""A line of that many columns that ends in the middle of a sentence was wrapped by a program."""
_ENDS = re.compile(r"[.!?…:;。！？：；।॥؟۔][\"'”’»」』）)\]*_]*$")
_STANDS_ALONE = re.compile(r"[ \t]*(?:[-*+•‣▪>#|—–]|\d{1,9}[.)]|```|~~~|\[)")
"""How items, quotes, headings, table rows, speech in a dialogue and pauses begin."""
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def unwrapped(text: str, stands_alone: Callable[[str], bool]) -> str:
    """Joins lines that were broken for their width, and gives paragraphs one blank line apart.

    Args:
        text: In lines.
        stands_alone: Tells of a line that it goes on with none, beside those that look like that.
    """
    paragraphs = [_unwrapped(paragraph, stands_alone) for paragraph in _BLANK_LINES.split(text)]
    return "\n\n".join(paragraphs)


def joined(line: str, following: str) -> str:
    """Puts one line after another, with a blank between them unless both are Chinese."""
    line, following = line.rstrip(), following.strip()
    blank = "" if is_wide(line[-1]) and is_wide(following[0]) else " "
    return f"{line}{blank}{following}"


def _unwrapped(paragraph: str, stands_alone: Callable[[str], bool]) -> str:
    first, *others = paragraph.split("\n")
    lines, last = [first], first
    for line in others:
        if _continues(last, line) and not stands_alone(line):
            lines[-1] = joined(lines[-1], line)
        else:
            lines.append(line)
        last = line
    return "\n".join(lines)


def _continues(line: str, following: str) -> bool:
    line, start = line.rstrip(), following.lstrip()
    if not start or _ENDS.search(line[-10:]) or _STANDS_ALONE.match(following):
        return False
    if line.lstrip().startswith(("#", "```", "~~~", "|")):
        return False
    columns = sum(1 + is_wide(character) for character in line)
    return start[0].islower() or columns >= _WRAPPED_COLUMNS
