"""Rows of what is written and what stands in its place."""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

Row: TypeAlias = tuple[str, str | Callable[[re.Match[str]], str]]
"""A pattern, and its replacement as `re.sub` takes it."""


def replaced(text: str, rows: Sequence[Row]) -> str:
    """Uses the rows on a text, in their order."""
    for pattern, replacement in rows:
        text = re.sub(pattern, replacement, text)
    return text
