"""Formulas written so that wetext reads them rightly: powers, roots, comparisons, exponents."""

import re
import unicodedata
from collections.abc import Sequence

from voxcpm_space.text.rows import Row

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_COMPARISONS = {">=": "≥", "<=": "≤", "=>": "⇒", "!=": "≠", "==": "="}
_POWER = rf"(?<=[\w)])(?P<sign>[⁺⁻]?)(?P<count>[{_RAISED}]{{2,}}|(?<=[⁺⁻])[{_RAISED}]|[¹⁵⁶⁷⁸⁹⁰])"
"""More than the one digit of a square, a cube and a fourth power."""
_CHARGE = rf"(?<=[A-Za-z\d])(?P<count>[{_RAISED}]?)(?P<sign>[⁺⁻])(?![{_RAISED}])"
_EXPONENT = (
    r"(?<![A-Za-z0-9.])(?P<number>\d+(?:\.\d+)?)[eE]"
    r"(?P<sign>[+-]?)(?P<count>\d{1,3})(?![A-Za-z0-9])"
)
_UP_TO_EQUALS = r"(?=[\d.() +*/×÷-]*=)"


def _quotient(fraction: re.Match[str]) -> str:
    is_fraction = fraction["before"]  # of `1/2 + 1/4 = 3/4`
    return fraction[0] if is_fraction else f"{fraction['whole']}÷{fraction['part']}"


def _plain(raised: str) -> str:
    return unicodedata.normalize("NFKC", raised)


def _sign(found: re.Match[str], plus: str, minus: str) -> str:
    return minus if found["sign"] in {"⁻", "-"} and found["sign"] else plus


def _signed(power: re.Match[str]) -> str:
    return f"{_sign(power, '', '-')}{_plain(power['count'])}"


def _chinese(power: re.Match[str]) -> str:
    return f"{_sign(power, '', '负')}{_plain(power['count'])}"


_BOTH: Sequence[Row] = (
    ("[><!=]=", lambda sign: _COMPARISONS[sign[0]]),
    (r"(?<=[\d)]) ?\* ?(?=[\d(])", "×"),
    (
        r"(?P<before>[\d/.+*×÷-] ?)?(?<![\d/.])(?P<whole>\d[\d.]*) ?/ ?(?P<part>\d[\d.]*)(?= ?=)",
        _quotient,
    ),
)
ENGLISH: Sequence[Row] = (
    *_BOTH,
    (_EXPONENT, lambda power: f"{power['number']} times 10^{_signed(power)}"),
    (_CHARGE, lambda ion: f" {_plain(ion['count'])} {_sign(ion, 'plus', 'minus')}".rstrip()),
    (_POWER, lambda power: f"^{_signed(power)}"),
    (rf"(?<=[\d)]) ?- ?(?=[\d(][\d.]*){_UP_TO_EQUALS}", " minus "),
    (r"√ ?(?=[\w(])", "the square root of "),
    # `2x` would be two times.
    (r"(?<=\d)x(?= ?[+=)²³^]| - )|(?<=[+=(-]\d)x\b|(?<=[+=-] \d)x\b", "X"),
    ("∞", "infinity"),
    ("π", "pi"),
    (r"(?<![\w)])\+(?=\d)", "plus "),
    (r"(?<=\()-(?=\d)", "negative "),
    (r"(?<![\w.,])-(?=[$€£¥]\d)", "minus "),
)
CHINESE: Sequence[Row] = (
    *_BOTH,
    (_EXPONENT, lambda power: f"{power['number']}乘10的{_chinese(power)}次方"),
    (_CHARGE, lambda ion: f"{_plain(ion['count'])}{_sign(ion, '正', '负')}"),
    (_POWER, lambda power: f"的{_chinese(power)}次方"),
    (rf"(?<=[\d)]) ?- ?(?=[\d(][\d.]*){_UP_TO_EQUALS}", "减"),
    (r"(?<==)2(?![\d.])", "二"),  # 2对 would be a pair
    (r"\^(-?\d{1,3})", lambda power: f"的{power[1].replace('-', '负')}次方"),
    (r"√ ?(?=[\w(])", "根号"),
    ("∞", "无穷大"),
    ("π", "派"),
)
