"""Text as people type it: cleaned, checked, and made ready for VoxCPM2."""

import functools
import unicodedata
from typing import Any

from voxcpm_space.errors import InputError

MAX_TRANSCRIPT_LENGTH = 1000
"""Characters; about twice what a fast speaker says in 30 s."""
MAX_DESCRIPTION_LENGTH = 300
"""Characters of a voice description or style; VoxCPM2 was trained on single sentences."""

_PARENTHESES = "()\N{FULLWIDTH LEFT PARENTHESIS}\N{FULLWIDTH RIGHT PARENTHESIS}"
_WIDE_CHARACTER_SECONDS = 0.22
_NARROW_CHARACTER_SECONDS = 0.065
_PAUSE_SECONDS = 0.3


def clean(text: str, name: str, max_length: int) -> str:
    """Gives `text` with blanks and line ends as single blanks.

    Args:
        text: What a person or program sent.
        name: What the person calls it, for the error's sentence.
        max_length: Most characters allowed.

    Raises:
        InputError: It is too long, or holds characters that cannot be spoken or encoded.
    """
    if len(text) > max_length:
        raise InputError(
            f"The {name} has {len(text):,} characters; at most {max_length:,} are allowed. "
            "Please shorten it, or send it in parts."
        )
    for position, character in enumerate(text, start=1):
        category = unicodedata.category(character)
        if category == "Cs":
            raise InputError(
                f"The {name} is not valid Unicode: character {position} is a lone surrogate. "
                "Please send it as UTF-8."
            )
        if category == "Cc" and not character.isspace():
            raise InputError(
                f"The {name} holds the control character U+{ord(character):04X} "
                f"at position {position}. Please remove it."
            )
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_speech(text: str, max_length: int) -> str:
    """Gives the text to speak, cleaned.

    Raises:
        InputError: As `clean`, and where there is nothing in it that can be spoken.
    """
    cleaned = clean(text, "text", max_length)
    if not cleaned:
        raise InputError("The text is empty. Please give at least one word to speak.")
    categories = {unicodedata.category(character) for character in cleaned}
    if any(category[0] in "LN" for category in categories):
        return cleaned
    kind = "symbols or emoji" if "So" in categories else "punctuation"
    raise InputError(
        f"The text holds only {kind}, which cannot be spoken. Please add at least one word."
    )


def clean_description(description: str, name: str) -> str:
    """Gives a voice description or style without the parentheses that would end it early.

    Raises:
        InputError: As `clean`.
    """
    cleaned = clean(description, name, MAX_DESCRIPTION_LENGTH)
    return cleaned.translate(str.maketrans("", "", _PARENTHESES)).strip()


def with_description(description: str, text: str) -> str:
    """Puts a voice description (or style) before the text in the form VoxCPM2 was trained on."""
    return f"({description}){text}" if description else text


def spell_out(text: str) -> str:
    """Writes numbers, dates and symbols as the words that are spoken, in English or Chinese."""
    spelled: str = _normalizer().normalize(text)
    return spelled


def estimate_seconds(text: str) -> float:
    """Estimates how long speaking `text` takes, in seconds.

    The rates are those of unhurried reading: about 15 characters a second in alphabetic scripts
    and 4.5 in Chinese, Japanese and Korean.
    """
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    narrow = len(text) - wide
    return _PAUSE_SECONDS + wide * _WIDE_CHARACTER_SECONDS + narrow * _NARROW_CHARACTER_SECONDS


@functools.cache
def _normalizer() -> Any:
    # voxcpm's own: what VoxCPM2 was trained with. Imported late, since it takes seconds.
    from voxcpm.utils.text_normalize import TextNormalizer  # noqa: PLC0415

    return TextNormalizer()
