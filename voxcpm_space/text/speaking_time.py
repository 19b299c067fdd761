"""How long speaking takes."""

import unicodedata

_PAUSE_SECONDS = 0.3
_WIDE_SECONDS = 0.22
_NARROW_SECONDS = 0.065
_DIGIT_SECONDS = 0.25


def estimate_seconds(text: str) -> float:
    """Estimates how long speaking `text` takes, in seconds, with the silence around it.

    The rates are those of unhurried reading: about 15 characters a second in alphabetic scripts,
    4.5 in Chinese, Japanese and Korean, and 4 digits.
    """
    return _PAUSE_SECONDS + speaking_seconds(text)


def speaking_seconds(text: str) -> float:
    """Estimates the same without the silence around it, so that parts add up to the whole."""
    wide = sum(map(is_wide, text))
    digits = sum(map(str.isdecimal, text))
    narrow = len(text) - wide - digits
    return wide * _WIDE_SECONDS + digits * _DIGIT_SECONDS + narrow * _NARROW_SECONDS


def is_wide(character: str) -> bool:
    """Tells whether a character is one of Chinese, Japanese or Korean."""
    return unicodedata.east_asian_width(character) in "WF"
