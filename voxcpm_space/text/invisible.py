"""Characters that nobody sees and that would confuse the tokenizer."""

import re
import unicodedata

_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_SPELLING_JOINERS = re.compile(rf"(?<=[\u0600-\u109f\u1780-\u17ff])[{_JOINERS}]")
"""In Persian, Hindi and their neighbours a joiner after a letter belongs to the spelling."""
_SEEN = re.compile("[\u0600-\u0605\u06dd\u070f\u08e2]")
"""Format characters by their category, but signs of Arabic and Syriac that are written."""


def without_invisible(text: str) -> str:
    """Takes out zero-width characters, byte order marks, soft hyphens and bidi marks."""
    if text.isascii():
        return text
    spelled = {match.start() for match in _SPELLING_JOINERS.finditer(text)}
    return "".join(
        character
        for position, character in enumerate(text)
        if unicodedata.category(character) != "Cf" or position in spelled or _SEEN.match(character)
    )
