"""Numbers, dates and signs as the words that are spoken: wetext's reading, checked.

voxcpm's own `TextNormalizer` is not used: it loses words, and breaks what wetext reads rightly.
"""

import functools
import logging
import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from voxcpm_space.text.lines import joined
from voxcpm_space.text.readings import for_chinese, for_english

logger = logging.getLogger(__name__)

_LETTERS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "en": re.compile("[A-Za-z\u00c0-\u024f]"),
}
"""A text is in the first of wetext's languages whose letters it has."""
_OTHER_LETTERS = re.compile("[\u0400-\u1cff\uac00-\ud7af]|[\u0370-\u03ff]{2}")
_PREPARED = {"zh": for_chinese, "en": for_english}
_HAN = _LETTERS["zh"]
_CLAUSES = re.compile("(?<=[，。；：、！？])")
_UNREAD = re.compile(r"[\d$€£¥₹₩₽₺₫₱₿฿₴₦₪¢%‰°@#⁰¹²³⁴-⁻√§]")
_WRITTEN_SIGN = re.compile(r"[&+=×]")
_SHORTENED = re.compile(r"(?<![A-Za-z])(?!No\.)[A-Z][a-z]{0,4}\.(?:[A-Z]\.)*\W*$")
_WRITTEN = re.compile(
    rf"{_UNREAD.pattern}|{_WRITTEN_SIGN.pattern}|[A-Za-z]\.[A-Za-z]|\b[A-Z][a-z]{{0,4}}\.|[±≈≠÷≤≥∞π¼-¾⅐-⅞]"
)
"""What is read out in another way than it is written."""
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
"""Longer than the units and abbreviations that become other words."""
_MULTIPLES = ("thousand", "hundred")
_ENDS = (".", "!", "?", "…")
_ANSWER = re.compile(r"\b(No)\.")
_ESCAPED = re.compile(r"\\([\"\\])")


class SpelledOut(NamedTuple):
    """A text with its numbers as words.

    Attributes:
        text: In one line.
        is_whole: Whether all was read; otherwise something is left as it was written.
    """

    text: str
    is_whole: bool


def spell_out(sentences: Sequence[str]) -> SpelledOut:
    """Writes numbers, dates and signs as the words that are spoken, in English or Chinese.

    Args:
        sentences: Of a text, each short: the time it takes grows faster than what is read at once.
    """
    language = _language("".join(sentences))
    if language == "":
        language = "en"
    read = [_spelled(sentence, _language(sentence) or language) for sentence in sentences]
    text = functools.reduce(joined, (one.text for one in read))
    return SpelledOut(text, all(one.is_whole for one in read))


def _language(text: str) -> str | None:
    """Gives the language of a text: empty if it has no letters, None if wetext knows none."""
    if _OTHER_LETTERS.search(text):
        return None
    return next((name for name, letters in _LETTERS.items() if letters.search(text)), "")


def _spelled(sentence: str, language: str | None) -> SpelledOut:
    if language is None:
        return SpelledOut(sentence, is_whole=not _UNREAD.search(sentence))
    prepared = _PREPARED.get(language, str)(sentence)
    if not _WRITTEN.search(prepared):
        return SpelledOut(prepared, is_whole=True)
    if language == "en":
        return _by_words(prepared)
    clauses = [_clause(clause, language) for clause in _CLAUSES.split(prepared) if clause]
    return SpelledOut("".join(one.text for one in clauses), all(one.is_whole for one in clauses))


def _clause(clause: str, language: str) -> SpelledOut:
    """Reads a clause of Chinese or Japanese, or leaves it as it is where a word would be lost."""
    read = _normalized(clause, language)
    if read is None or Counter(_HAN.findall(clause)) - Counter(read):
        return SpelledOut(clause, is_whole=False)
    return SpelledOut(read, is_whole=not _UNREAD.search(read))


def _by_words(sentence: str) -> SpelledOut:
    """Reads an English sentence, and takes over what became of each word that needs reading."""
    read = _normalized(sentence, "en")
    text = None if read is None else _merged(sentence, read)
    if text is None or _UNREAD.search(text):
        return _in_halves(sentence)
    return SpelledOut(text, is_whole=True)


def _merged(sentence: str, read: str) -> str:
    old, new = sentence.split(), read.split()
    matcher = SequenceMatcher(None, _folded(old), _folded(new), autojunk=False)
    words: list[str] = []
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        words += _chosen(kind, old[start:end], new[new_start:new_end])
    text = " ".join(words)
    if sentence.rstrip().endswith(".") and not text.endswith(_ENDS):  # of `5 p.m.`
        text += "."
    return text


def _in_halves(sentence: str) -> SpelledOut:
    """Reads what it can of a sentence that wetext refuses as a whole."""
    words = sentence.split()
    middle = len(words) // 2
    if not middle:
        return SpelledOut(sentence.strip(), is_whole=False)
    halves = [_by_words(" ".join(half)) for half in (words[:middle], words[middle:])]
    return SpelledOut(" ".join(half.text for half in halves), all(half.is_whole for half in halves))


def _chosen(kind: str, old: list[str], new: list[str]) -> list[str]:
    """Gives the words to take, by what `difflib` says became of the old ones."""
    if kind == "equal":  # but for their case: `am` is a word
        return [
            after if after.isupper() and before.islower() else before
            for before, after in zip(old, new, strict=True)
        ]
    if kind != "insert" and not _is_reading(old, new):
        return old
    return ["one", *new] if new[0] in _MULTIPLES else new  # of `1,000` it says only `thousand`


def _is_reading(old: list[str], new: list[str]) -> bool:
    """Tells whether words needed reading, and nothing of them is lost."""
    before, after = " ".join(old), " ".join(new)
    if not (_UNREAD.search(before) or _WRITTEN_SIGN.search(before) or _SHORTENED.search(before)):
        return False
    if before.count(".") > 1 and not _UNREAD.search(before):  # M.D. is not Maryland
        return before.replace(".", "").casefold() == after.casefold().rstrip(".")
    kept = {word.casefold() for word in _LONG_WORD.findall(after)}
    lost = {word.casefold() for word in _LONG_WORD.findall(before)} - kept
    return bool(new) and not lost and not _UNREAD.search(after)


def _folded(words: list[str]) -> list[str]:
    return [word.casefold() for word in words]


def _normalized(text: str, language: str) -> str | None:
    """Gives what wetext reads; None where it cannot read the text, or nothing is left of it."""
    try:
        # `No.` is a number to it, also where a sentence ends.
        read: str = _normalizer(language).normalize(_ANSWER.sub(r"\1 .", text))
    except AssertionError:  # its parser trips over signs that its grammar does not know
        logger.debug("wetext cannot read a sentence")
        return None
    return _ESCAPED.sub(r"\1", read).replace("No .", "No.") or None


@functools.cache
def _normalizer(language: str) -> Any:
    # Imported late, since it takes half a second.
    from wetext import Normalizer  # noqa: PLC0415

    return Normalizer(lang=language, operator="tn")
