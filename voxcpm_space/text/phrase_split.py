"""A sentence that is too long for one segment, cut where a reader would breathe."""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

import budoux

from voxcpm_space.text.cohesion import rejoined
from voxcpm_space.text.speaking_time import speaking_seconds

Splitter: TypeAlias = Callable[[str], list[str]]
"""Gives the parts of a text between which it may be cut; joined they are the text."""

_CLAUSE_END = re.compile(r"(?<=[,;:…—–،؛][\s\"'”’»)])|(?<=[、，；：…—](?=[^\s\d、，；：…—]))")
_BLANK = re.compile(r"(?<=\s)(?=\S)")
_TOKEN = re.compile(r"[0-9A-Za-z.,:/~%@_+-]+|.", re.DOTALL)
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u3400-\u9fff]")
_THAI = re.compile("[\u0e00-\u0e7f]")


def split_phrases(sentence: str, max_seconds: float) -> list[str]:
    """Splits at clauses, else at blanks, else between words that are written without blanks.

    Args:
        sentence: To split.
        max_seconds: Of speech in each part.

    Returns:
        The parts; joined together they are the sentence again.
    """
    return _split(sentence, max_seconds, [_clauses, _blanks, _words, _tokens, _letters])


def split_clauses(text: str) -> list[str]:
    """Splits where a clause ends; joined together the parts are the text again."""
    return _CLAUSE_END.split(text)


def pack(parts: Sequence[str], max_seconds: float) -> list[list[str]]:
    """Groups neighbours as evenly as possible, so that no group is a mere rest.

    Args:
        parts: In their order.
        max_seconds: Of speech in a group; a longer part stays alone.
    """
    seconds = [speaking_seconds(part) for part in parts]
    total = sum(seconds)
    even = total / max(1, math.ceil(total / max_seconds))
    groups: list[list[str]] = []
    filled = math.inf
    for part, needed in zip(parts, seconds, strict=True):
        if filled + needed > max_seconds or filled + needed / 2 > even:
            groups.append([])
            filled = 0.0
        groups[-1].append(part)
        filled += needed
    return groups


def _split(text: str, max_seconds: float, splitters: list[Splitter]) -> list[str]:
    if speaking_seconds(text) <= max_seconds or not splitters:
        return [text]
    parts: list[str] = []
    for part in splitters[0](text):
        parts += _split(part, max_seconds, splitters[1:])
    return ["".join(group) for group in pack(parts, max_seconds)]


def _clauses(text: str) -> list[str]:
    return rejoined(_CLAUSE_END.split(text))


def _blanks(text: str) -> list[str]:
    return rejoined(_BLANK.split(text))


def _words(text: str) -> list[str]:
    """Phrases of Japanese, Chinese or Thai, whichever is written here."""
    for script, load in (
        (_KANA, budoux.load_default_japanese_parser),
        (_HAN, budoux.load_default_simplified_chinese_parser),
        (_THAI, budoux.load_default_thai_parser),
    ):
        if script.search(text):
            return rejoined(_parser(load).parse(text))
    return [text]


def _tokens(text: str) -> list[str]:
    """Numbers and names in letters of ASCII, and all other characters one by one."""
    return rejoined(_TOKEN.findall(text)) if _HAN.search(text) else [text]


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
