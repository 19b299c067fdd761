"""Characters that nobody reads out as they are: emoji, and digits in circles or below the line."""

import re
import unicodedata

_PICTURE = (
    "[\U0001f000-\U0001faff\u2600-\u27bf\u231a\u231b\u23e9-\u23fa\u2b05-\u2b07\u2b1b\u2b1c\u2b50"
    "\u2b55\u3030\u303d\u3297\u3299\ufe0e\ufe0f\u20e3]|[©®‼⁉™ℹ\u2190-\u21ff\u2934\u2935]\ufe0f"
)
_EMOJI = re.compile(
    rf"(?<![ \t])[ \t]*(?:(?:{_PICTURE})[ \t]*)+(?P<end>(?=[.,;:!?…。，！？)\n]|\Z)?)"
)
_HAS_EMOJI = re.compile(_PICTURE)
_KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
_RAISED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")
_ASCII_NUMBER = re.compile(r"\(?[0-9IVXLCDMivxlcdm]+[.)]?")


def without_emoji(text: str) -> str:
    """Takes out emoji and the blanks around them, but for one between words."""
    if not _HAS_EMOJI.search(text):
        return text
    return _EMOJI.sub(_gap, text)


def with_plain_digits(text: str) -> str:
    """Writes `①`, `₂`, `２`, `Ⅳ` and `5️⃣` as plain digits and letters; `x²` is no digit to read."""
    if text.isascii():
        return text
    text = _KEYCAP.sub(r"\1", text)
    return "".join(
        character if character.isascii() else _plain(text, position)
        for position, character in enumerate(text)
    )


def _gap(emoji: re.Match[str]) -> str:
    following = emoji.string[emoji.end() : emoji.end() + 1]
    return "" if not following or following in ".,;:!?…。，！？)\n" else " "


def _plain(text: str, position: int) -> str:
    character = text[position]
    category = unicodedata.category(character)
    if category not in {"Nd", "Nl", "No"} or character in _RAISED:
        return character
    plain = unicodedata.normalize("NFKC", character)
    if category == "No" and plain == character and (digit := unicodedata.numeric(character)) >= 0:
        plain = str(int(digit)) if digit.is_integer() else character
    if not _ASCII_NUMBER.fullmatch(plain):
        return character
    stands_apart = category == "No" and "SUBSCRIPT" not in unicodedata.name(character, "")
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    return _padded(plain, before, after) if stands_apart else plain


def _padded(plain: str, before: str, after: str) -> str:
    start = " " if before.isascii() and before.isalnum() else ""
    end = (
        " " if after.isalnum() and (after.isascii() or unicodedata.category(after) == "No") else ""
    )
    return f"{start}{plain}{end}"
