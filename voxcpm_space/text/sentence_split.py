"""Where sentences end."""

import re
from itertools import accumulate, pairwise

import sentencex

# Nobody says which language a text is in. A full stop that one of these takes for that of an
# abbreviation ends no sentence: two sentences in one chunk do less harm than half a one.
_LANGUAGES = ("en", "de", "fr", "es", "pt", "nl", "pl", "ru", "el", "ar", "hi")
_SHORT = re.compile(r"\W*(\w\W?){1,4}\.\W*")
"""Such as `M. `, `د. ` and `डॉ. `: abbreviations that sentencex does not know."""


_WINDOW = 1000
"""Characters at a time: sentencex can take four times as long for a text of twice the length."""


def sentences(text: str) -> list[str]:
    """Splits a text at its sentence ends; joined together the parts are the text again."""
    found: list[str] = []
    begun, start = "", 0
    while start < len(text):
        window = text[start : start + _WINDOW]
        *whole, last = _split(window)
        if start + len(window) == len(text):
            whole.append(last)
        start += sum(map(len, whole)) or len(last)
        if whole:
            found += [begun + whole[0], *whole[1:]]
            begun = ""
        else:  # it ends in none of the next thousand characters either
            begun += last
    return found


def _split(text: str) -> list[str]:
    first, *others = (_ends(language, text) for language in _LANGUAGES)
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
