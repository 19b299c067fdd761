"""What a person or program sent, checked for characters that cannot be spoken or encoded."""

import re
import unicodedata

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_, Message
from voxcpm_space.text.parentheses import without_first_parentheses

MAX_TRANSCRIPT_LENGTH = 1000
"""Characters; about twice what a fast speaker says in 30 s."""
MAX_DESCRIPTION_LENGTH = 2000
"""Characters of a voice description or style, as of OpenAI's `instructions`."""

_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_SPELLING_JOINERS = re.compile(rf"(?<=[\u0600-\u109f\u1780-\u17ff])[{_JOINERS}]")
"""In Persian, Hindi and their neighbours a joiner after a letter belongs to the spelling."""
_SEEN = re.compile("[\u0600-\u0605\u06dd\u070f\u08e2]")
"""Format characters by their category, but signs of Arabic and Syriac that are written."""
_PARENTHESES = "()\N{FULLWIDTH LEFT PARENTHESIS}\N{FULLWIDTH RIGHT PARENTHESIS}"
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028]")
_PARAGRAPH_SEPARATOR = "\N{PARAGRAPH SEPARATOR}"


def validate_line(text: str, name: Message, max_length: int) -> str:
    """Gives `text` with blanks and line ends as single blanks.

    Args:
        text: What a person or program sent.
        name: What the person calls it, for the error's sentence.
        max_length: Most characters allowed.

    Raises:
        InputError: It is too long, or holds characters that cannot be spoken or encoded.
    """
    _refuse_unusable(text, name, max_length)
    return " ".join(strip_invisible(unicodedata.normalize("NFC", text)).split())


def validate_text(text: str, max_length: int) -> str:
    """Gives the text to speak, checked, with every kind of line end as a newline.

    Raises:
        InputError: As `validate_line`, and where there is nothing in it that can be spoken.
    """
    _refuse_unusable(text, N_("text"), max_length)
    lines = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text))
    lines = lines.replace(_PARAGRAPH_SEPARATOR, "\n\n").strip()
    refuse_wordless(lines)
    return lines


def strip_invisible(text: str) -> str:
    """Takes out zero-width characters, byte order marks, soft hyphens and bidi marks."""
    if text.isascii():
        return text
    spelled = {match.start() for match in _SPELLING_JOINERS.finditer(text)}
    return "".join(
        character
        for position, character in enumerate(text)
        if unicodedata.category(character) != "Cf" or position in spelled or _SEEN.match(character)
    )


def refuse_wordless(text: str) -> None:
    """Returns if there is a letter or digit in the text.

    Raises:
        InputError: There is none; says what there is instead.
    """
    if not text.strip():
        raise InputError(N_("The text is empty. Please give at least one word to speak."))
    if has_words(text):
        return
    symbols = any(unicodedata.category(character) == "So" for character in text)
    kind = N_("symbols or emoji") if symbols else N_("punctuation")
    raise InputError(
        N_(
            "The text holds only {kind}, which cannot be spoken. Please add at least one word.",
            kind=kind,
        )
    )


def has_words(text: str) -> bool:
    """Tells whether there is a letter or digit in the text."""
    return any(unicodedata.category(character)[0] in "LN" for character in text)


def validate_description(description: str, name: Message) -> str:
    """Gives a voice description or style without the parentheses that would end it early.

    Raises:
        InputError: As `validate_line`.
    """
    cleaned = validate_line(description, name, MAX_DESCRIPTION_LENGTH)
    return cleaned.translate(str.maketrans("", "", _PARENTHESES)).strip()


def with_description(description: str, text: str) -> str:
    """Puts a voice description (or style) before the text in the form VoxCPM2 was trained on.

    What the text itself has in parentheses at its start is no style.
    """
    spoken = without_first_parentheses(text)
    return f"({description}){spoken}" if description else spoken


def _refuse_unusable(text: str, name: Message, max_length: int) -> None:
    if len(text) > max_length:
        raise InputError(
            N_(
                "The {name} has {count:,} characters; at most {most:,} are allowed. "
                "Please shorten it, or send it in parts.",
                name=name,
                count=len(text),
                most=max_length,
            )
        )
    _refuse_unencodable(text, name)


def _refuse_unencodable(text: str, name: Message) -> None:
    for position, character in enumerate(text, start=1):
        category = unicodedata.category(character)
        if category == "Cs":
            raise InputError(
                N_(
                    "The {name} is not valid Unicode: character {position} is a lone surrogate. "
                    "Please send it as UTF-8.",
                    name=name,
                    position=position,
                )
            )
        if category == "Cc" and not character.isspace():
            raise InputError(
                N_(
                    "The {name} holds the control character U+{code:04X} at position {position}. "
                    "Please remove it.",
                    name=name,
                    code=ord(character),
                    position=position,
                )
            )
