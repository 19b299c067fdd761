"""Where sentences end.

Nobody says which language a text is in. So a sentence ends only where sentencex finds an end in
every language that is written in the text's letters: a full stop that one of them takes for that
of an abbreviation ends none, since two sentences in a segment do less harm than half a one.
"""

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise

import sentencex

from voxcpm_space.text.cohesion import rejoined

_LATIN = ("en", "de", "fr", "es", "pt", "nl", "pl")
_BY_LETTERS = {
    "ru": re.compile("[\u0400-\u052f]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "ar": re.compile("[\u0600-\u06ff\u0750-\u077f]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
"""Languages that know abbreviations in no other letters than these."""
_SHORT = re.compile(r"\W*(\w\W?){1,4}\.\W*")
"""Such as `M. `, `د. ` and `डॉ. `: abbreviations that sentencex does not know."""
_WINDOW = 1000
"""Characters at a time: sentencex can take four times as long for a text of twice the length."""


def split_sentences(text: str) -> list[str]:
    """Splits a text at its sentence ends; joined together the parts are the text again."""
    languages = _languages(text)
    found: list[str] = []
    unfinished, start = "", 0
    while start < len(text):
        window = text[start : start + _WINDOW]
        *whole, last = _split(window, languages)
        if start + len(window) == len(text):
            whole.append(last)
        start += sum(map(len, whole)) or len(last)
        if whole:
            found += [unfinished + whole[0], *whole[1:]]
            unfinished = ""
        else:  # it ends in none of the next thousand characters either
            unfinished += last
    return rejoined(found)


def _languages(text: str) -> Sequence[str]:
    return [*_LATIN, *(name for name, letters in _BY_LETTERS.items() if letters.search(text))]


def _split(text: str, languages: Sequence[str]) -> list[str]:
    first, *others = (_ends(language, text) for language in languages)
    ends = sorted(first.intersection(*others) | {len(text)})
    whole: list[str] = []
    for start, end in pairwise([0, *ends]):
        if whole and _SHORT.fullmatch(whole[-1]):
            whole[-1] += text[start:end]
        else:
            whole.append(text[start:end])
    return whole


def _ends(language: str, text: str) -> set[int]:
    return set(accumulate(map(len, sentencex.segment(language, text))))
