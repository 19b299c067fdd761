"""A sentence that is too long for one take, cut where a reader would breathe."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import budoux

from voxcpm_space.text.packing import packed
from voxcpm_space.text.speaking_time import speaking_seconds

Cut: TypeAlias = Callable[[str], list[str]]
"""Gives the parts of a text between which it may be cut; joined they are the text."""

_CLAUSE_END = re.compile(r"(?<=[,;:…—–،؛][\s\"'”’»)])|(?<=[、，；：…—](?=[^\s\d、，；：…—]))")
_BLANK = re.compile(r"(?<=\s)(?=\S)")
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u3400-\u9fff]")
_THAI = re.compile("[\u0e00-\u0e7f]")
_LETTER = re.compile(r"\S")


def phrases(sentence: str, limit: float) -> list[str]:
    """Splits at clauses, else at blanks, else between words that are written without blanks.

    Args:
        sentence: To split.
        limit: Most seconds of speech of each part.

    Returns:
        The parts; joined together they are the sentence again.
    """
    return _cut(sentence, limit, [_CLAUSE_END.split, _BLANK.split, _words, _letters])


def _cut(text: str, limit: float, cuts: list[Cut]) -> list[str]:
    if speaking_seconds(text) <= limit or not cuts:
        return [text]
    parts: list[str] = []
    for part in cuts[0](text):
        parts += _cut(part, limit, cuts[1:])
    return ["".join(group) for group in packed(parts, limit)]


def _words(text: str) -> list[str]:
    """Phrases of Japanese, Chinese or Thai, whichever is written here."""
    for script, load in (
        (_KANA, budoux.load_default_japanese_parser),
        (_HAN, budoux.load_default_simplified_chinese_parser),
        (_THAI, budoux.load_default_thai_parser),
    ):
        if script.search(text):
            found: list[str] = _parser(load).parse(text)
            return found
    return [text]


def _letters(text: str) -> list[str]:
    """Letters with the marks that belong to them, where nothing else tells words apart."""
    letters: list[str] = []
    for character in text:
        if letters and unicodedata.category(character)[0] == "M":
            letters[-1] += character
        else:
            letters.append(character)
    return letters


@cache
def _parser(load: Callable[[], budoux.Parser]) -> budoux.Parser:
    return load()
