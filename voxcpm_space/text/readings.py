"""What wetext reads wrongly, written so that it reads it rightly.

No normalizer: each row stands for something that wetext 0.1.8 was seen to read wrongly, and leaves
as much as it can to wetext. `tests/text/test_readings.py` has what should come of it. The rows are
used in their order.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from voxcpm_space.text import (
    date_readings,
    digit_readings,
    math_readings,
    quantity_readings,
)
from voxcpm_space.text.date_readings import DAYS, MONTH, MONTHS
from voxcpm_space.text.rows import Row, replaced

_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_AFTER_DATE = r"(?=,? \d{4}\b|[,.;:!?)\"]|$| [a-z])"
_DECADES = (
    *("hundreds", "tens", "twenties", "thirties", "forties"),
    *("fifties", "sixties", "seventies", "eighties", "nineties"),
)
_ABBREVIATIONS = {
    "no": "number",
    "nos": "numbers",
    "p": "page",
    "pp": "pages",
    "vol": "volume",
    "ch": "chapter",
    "fig": "figure",
    "approx": "approximately",
    "ca": "circa",
    "eq": "equation",
    "art": "article",
}
"""Before a number only; a sentence can be `No.`"""
_SIGNS = {
    "±": "plus or minus",
    "≈": "is about",
    "≠": "is not equal to",
    "÷": "divided by",
    "≤": "is at most",
    "≥": "is at least",
    "×": "times",
    "=": "equals",
    "+": "plus",
    "<": "is less than",
    ">": "is greater than",
}
_CHINESE_SIGNS = {
    "±": "正负",
    "≈": "约等于",
    "≠": "不等于",
    "÷": "除以",
    "≤": "小于等于",
    "≥": "大于等于",
    "+": "加",
    "×": "乘",
    "=": "等于",
    "<": "小于",
    ">": "大于",
}
_BEFORE = {"<": "less than ", ">": "more than "}
"""What the signs mean where nothing is compared: `<5 minutes`."""
_POWERS = {"²": " squared", "³": " cubed", "⁴": " to the fourth"}
_CARETS = {"2": " squared", "3": " cubed"}
_CHINESE_POWERS = {"²": "平方", "³": "立方", "⁴": "四次方"}
_RULERS = (
    "Alexander|Benedict|Catherine|Charles|Christian|Edward|Elizabeth|Francis|Frederick|George|"
    "Gregory|Gustav|Henry|Ivan|James|John Paul|Leo|Louis|Napoleon|Nicholas|Peter|Philip|Pius|"
    "Richard|Wilhelm|William|(?:Emperor|King|Pope|Queen|Tsar) [A-Z][a-z]+"
)
_PARTS = "Act|Book|Chapter|Part|Phase|Section|Title|Type|Volume|War"
_ROMAN = "(?P<roman>(?:XL|LX{0,3}|X{0,3})(?:IX|IV|V?I{1,3}|V)|X{1,3})"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_DOMAINS = (
    "ai|app|au|biz|blog|br|ca|ch|cloud|cn|co|com|de|dev|edu|es|eu|fr|gov|hk|info|int|io|jp|kr|mil|"
    "mx|net|nl|nz|online|org|pl|ru|se|shop|site|tech|tv|tw|uk|wiki|xyz|za"
)
"""Not all that there are: `It rained.It stopped.` names no host in Italy."""
_HOST = (
    rf"(?<![A-Za-z0-9_.@/-])(?:[A-Za-z0-9_.+-]{{1,64}}@(?:{_LABEL}\.){{1,8}}[a-z]{{2,12}}|"
    rf"(?:{_LABEL}\.){{1,8}}(?:{_DOMAINS}))"
    r"(?![A-Za-z0-9_@-]|\.[A-Za-z0-9])(?::\d{2,5}(?!\d))?(?:/[A-Za-z0-9_./~-]*[A-Za-z0-9_/])?"
)
_PORT = r"(?<![A-Za-z0-9_.@/:-])(?P<host>[a-z][a-z-]{2,}):(?=\d{2,5}\b)"
_IP_ADDRESS = r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?:(?P<sign>[:/])(?P<more>\d{1,5}))?(?!\.?\d)"
_PHONE = r"(?<![A-Za-z0-9])\+(?=(?:[ ()-]*\d){8})(\d{1,3})((?:[ -]?\(?\d{1,11}\)?){2,6})(?!\d)"
_VERSION = r"(?<![\d.,])\d{1,3}(?:\.\d{1,4}){2}(?!\.?\d)|(?<=ersion )\d{1,4}\.\d{1,4}\b(?!\.\d)"
_SQUARED_UNIT = "[\u3371-\u33df]"
_ADDRESS_SIGNS = {".": "dot", "/": "slash", "-": "dash", "_": "underscore", ":": "colon"} | {
    "@": "at",
    "+": "plus",
    "~": "tilde",
}
_CHINESE_ADDRESS_SIGNS = {".": "点", "/": "斜杠", "-": "杠", "_": "下划线", ":": "冒号"} | {
    "@": "艾特",
    "+": "加",
    "~": "波浪线",
}


def for_english(text: str) -> str:
    """Gives an English text as wetext reads it rightly."""
    return replaced(text, _ENGLISH)


def for_chinese(text: str) -> str:
    """Gives a Chinese text as wetext reads it rightly."""
    return replaced(text, _CHINESE)


def _spoken(signs: Mapping[str, str], blank: str = " ") -> Callable[[re.Match[str]], str]:
    """Replaces signs by their words, all that there are in what was found."""
    pattern = re.compile(f" ?([{re.escape(''.join(signs))}]) ?")
    return lambda found: pattern.sub(lambda sign: f"{blank}{signs[sign[1]]}{blank}", found[0])


def _any(signs: Mapping[str, str]) -> str:
    return f"[{re.escape(''.join(signs))}]"


def _ordinal(number: int) -> str:
    teens = number % 100 in range(10, 21)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _day_of_month(date: re.Match[str]) -> str:
    month = next(month for month in MONTHS if month.startswith(date["month"][:3]))
    # In words: wetext takes `January, the 6th` for one date, also after `the 5th of`.
    return f"the {DAYS[int(date['day'])]} of {month}"


def _decade(years: re.Match[str]) -> str:
    decade = _DECADES[int(years[2])]
    return "two thousands" if years[0].startswith("200") else f"{years[1]} {decade}"


def _roman(number: re.Match[str]) -> int:
    worth = [{"I": 1, "V": 5, "X": 10, "L": 50}[letter] for letter in number["roman"]]
    following = [*worth[1:], 0]
    return sum(-one if one < two else one for one, two in zip(worth, following, strict=True))


def _abbreviated(short: re.Match[str]) -> str:
    word = _ABBREVIATIONS[short["short"].lower()]
    return f"{word.capitalize() if short['short'][0].isupper() else word} "


def _ip_address(address: re.Match[str]) -> str:
    digits = " dot ".join(map(" ".join, address[1].split(".")))
    more = {":": "colon", "/": "slash", None: ""}[address["sign"]]
    return f"{digits} {more} {address['more'] or ''}".rstrip()


def _digits_apart(number: re.Match[str]) -> str:
    return f"plus {number[1]}, " + ", ".join(map(" ".join, re.findall(r"\d+", number[2])))


def _out_of(score: re.Match[str]) -> str:
    # 3/10 is a fraction, 7.5/10 and 10/10 are none.
    given, _, most = score[0].partition("/")
    is_score = "." in given or most in {given, "100"}
    return f"{given} out of {most}" if is_score else score[0]


def _chinese_address(address: re.Match[str]) -> str:
    spoken = _spoken(_CHINESE_ADDRESS_SIGNS, "")(address)
    return spoken.translate(str.maketrans("0123456789", "零一二三四五六七八九"))


def _chinese_digits(number: re.Match[str]) -> str:
    spoken = "，".join([number[1], *re.findall(r"\d+", number[2])])
    return "加" + spoken.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))


def _decomposed(sign: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", sign[0]).replace("m2", "m²").replace("m3", "m³")


_BOTH: Sequence[Row] = (
    (_SQUARED_UNIT, _decomposed),  # ㎡
    ("(?<=\\d)(?=[¼-¾⅐-⅞])", " "),  # 2½
    ("[¼-¾⅐-⅞]", lambda part: unicodedata.normalize("NFKC", part[0]).replace("\u2044", "/")),
    ("\N{MINUS SIGN}(?=[$€£¥]?\\d)", "-"),
    (r"(?<=[\d%]) ?– ?(?=[$€£]?\d)", "-"),
)
_ENGLISH: Sequence[Row] = (
    *_BOTH,
    (_HOST, _spoken(_ADDRESS_SIGNS)),  # at the end of a sentence it takes all before it along
    (_PORT, r"\g<host> colon "),
    (_IP_ADDRESS, _ip_address),
    (_PHONE, _digits_apart),
    (r"\b(\d{3})\.(\d{3})\.(\d{4})\b", r"\1-\2-\3"),
    *digit_readings.ENGLISH,
    (r"\b[vV](?=\d+\.\d)|\bv(?=\d)|\b[Vv]er\. ?(?=\d)", "version "),
    *date_readings.ENGLISH,
    (
        r"(?<![\d/-])(?:24/7|20/20|9/11|50[/-]50)(?:/365)?(?![\d/-])",
        lambda fixed: re.sub("[/-]", " ", fixed[0]),
    ),
    *math_readings.ENGLISH,
    *quantity_readings.ENGLISH,
    (_VERSION, lambda version: version[0].replace(".", " point ")),
    (r"(?<=\d(?:st|nd|rd|th))/(?=\d)", " slash "),
    (r"\b(\d\d?(?:\.\d)?)/10\b(?! of)|\b(\d\.\d)/5\b|\b(\d\d(?:\.\d)?)/100\b", _out_of),
    (r"(?<=\d):(?=\d+ (?:odds|ratio|scale|dilution|mix|split)\b)", " to "),
    (r"(?<=\d)\+(?=[\s.,;:!?)]|$)", " plus"),
    (r"\b(1\d|20)(\d)0'?s\b", _decade),
    (r"\b((?:1\d|20)\d\d) ?- ?((?:1\d|20)\d\d)\b(?!-)", r"\1 to \2"),
    (r"(?<![\w.,/:$€£-])([13-9])(00\d)(?![\w/:-]|[.,]\d)", r"\1,\2"),  # 1000: ten hundred
    (r"\b(\d+(?:st|nd|rd|th))-(?=[a-z])", r"\1 "),
    (
        rf"(?<!\b[Ii]n )(?:\b[Tt]he )?\b{MONTH} {_DAY}(?:st|nd|rd|th)?{_AFTER_DATE}",
        _day_of_month,
    ),
    (
        rf"(?:\b[Tt]he )?(?<![\d.,:/-])\b{_DAY} {MONTH}{_AFTER_DATE}",
        _day_of_month,
    ),
    (
        rf"(?i:\b(?P<short>{'|'.join(_ABBREVIATIONS)})\. ?)(?=\(?\d|[IVX]+\b)",
        _abbreviated,
    ),
    (r"(?<![\w#&])#(?=\d)", "number "),
    (r"\bMrs\.", "Missus"),
    (r"\b(St|Ave|Rd|Blvd|Dr|Ln|Apt)\.(?=[,;:])", r"\1"),
    (r"\bw/ ?(?=\d)", "with "),
    (r"\bH\.(?=26\d)", "H "),
    (r"\bWW(?=I{1,2}\b)", "World War "),
    (
        rf"\b(?P<name>{_RULERS}) {_ROMAN}\b(?!\.\w)",
        lambda ruler: f"{ruler['name']} the {_ordinal(_roman(ruler))}",
    ),
    (rf"\b(?P<part>{_PARTS}) {_ROMAN}\b", lambda part: f"{part['part']} {_roman(part)}"),
    (rf"(?<=[a-z] )(?=[LIVX]{{2}}){_ROMAN}\b(?!\.\w)", lambda number: str(_roman(number))),
    (
        rf"(?<!\d[cdkm]m)(?<!\dm)(?<! [cdkm]m)(?<! m)(?<! ft)(?<=[\w)]){_any(_POWERS)}",
        _spoken(_POWERS, ""),
    ),
    (r"(?<=\w)\^(-?\w+)\b", lambda power: _CARETS.get(power[1], f" to the power of {power[1]}")),
    (r"~ ?(?=[$€£]?\d)", "about "),
    (r"\b([CF])#", r"\1 sharp"),
    (r"(?<=\d)% ?- ?(?=\d+(?:\.\d+)?%)", " to "),
    (r"(?<![\d.,/-])(\d+) ?- ?(?=\d+(?:\.\d+)?(?:%|°))", r"\1 to "),
    (
        rf"(?<=[\w)%]) ?(?:{_any(_SIGNS)}) ?(?=[\w(-])|(?<=\d) ?[<>] ?(?=[$€£]?\d)|[±≈≤≥](?=\d)",
        _spoken(_SIGNS),
    ),
    (r"(?<![\w<>])([<>]) ?(?=[$€£]?\d)", lambda sign: _BEFORE[sign[1]]),
)
_CHINESE: Sequence[Row] = (
    *_BOTH,
    (_HOST, _chinese_address),
    (_PHONE, _chinese_digits),
    *digit_readings.CHINESE,
    *date_readings.CHINESE,
    (_VERSION, lambda version: version[0].replace(".", "点")),
    (r"(?<![\d/])24/7(?![\d/])", "7乘24小时"),
    (r"第2(?!\d)", "第二"),  # 第两
    (r"(?<=月)2(?=[日号])", "二"),
    (rf"(?<=第){_ROMAN}(?=[章节卷部届期条])", lambda one: str(_roman(one))),
    (rf"(?<![A-Za-z]){_ROMAN}(?=[型期级类])", lambda one: str(_roman(one))),
    (r"(比分[是为]?) ?(\d+) ?- ?(\d+)", r"\1\2比\3"),
    (r"(?<!\d)7-11(?=便利店)", "七十一"),
    (r"#(\d+)", r"\1号"),
    (r"#([^#\s]+)#", r"\1"),
    (r"(?<![A-Za-z0-9_.])@(?=\w)", "艾特"),
    *math_readings.CHINESE,
    *quantity_readings.CHINESE,
    (r"(?<=\d)% ?- ?(?=\d+(?:\.\d+)?%)", "%到"),
    (r"(\d+(?:\.\d+)?)‰", r"千分之\1"),
    (
        rf"(?<=[\w)]){_any(_CHINESE_POWERS)}(?<!\d[ck]m[²³])(?<!\dm[²³])",
        _spoken(_CHINESE_POWERS, ""),
    ),
    (
        rf"(?<=[\w)%]) ?(?:{_any(_CHINESE_SIGNS)}) ?(?=[\w(-])|[±≈≤≥](?=\d)",
        _spoken(_CHINESE_SIGNS, ""),
    ),
    (r"(?<![\w<>])([<>]) ?(?=\d)", lambda sign: _CHINESE_SIGNS[sign[1]]),
)
