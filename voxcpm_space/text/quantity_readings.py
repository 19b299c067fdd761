"""Units and money, where wetext does not know them or takes them for others."""

import re
from collections.abc import Mapping, Sequence

from voxcpm_space.text.rows import Row
from voxcpm_space.text.units import (
    CHINESE_CURRENCIES,
    CHINESE_OF_COMPOUNDS,
    CHINESE_UNITS,
    CURRENCIES,
    OF_COMPOUNDS,
    PLURALS,
    UNCOUNTED,
    UNITS,
)

_ALL = {**OF_COMPOUNDS, **UNITS}
_EMERGENCIES = {"110": "一百一十", "119": "一百一十九", "120": "一百二十", "122": "一百二十二"}
_COUNT = r"(?P<count>\d[\d,]*(?:\.\d+)?)"
_SCALE = r"(?P<scale> (?:thousand|million|billion|trillion)|(?:k|[KMB]|bn|m)\b)?"
_SCALES = {"k": "thousand", "K": "thousand", "m": "million", "M": "million"} | {
    "B": "billion",
    "bn": "billion",
}
_EXPONENTS = {"²": "square", "2": "square", "^2": "square", "³": "cubic"} | {
    "3": "cubic",
    "^3": "cubic",
}
_EXPONENT = r"(?:\^?[23]|[²³])"


def _any(words: Mapping[str, str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_NO_NOUN = r"(?:wide|long|tall|deep|high|thick|by|and|of|in|from|to|at|or|x|is|was)\b"
_COMPOUND = (
    r"(?P<count>(?<![\d.,/-])\d[\d,]*(?:\.\d+)? ?)?(?<![A-Za-z/])"
    rf"(?P<unit>{_any(_ALL)})(?P<power>{_EXPONENT})?"
    rf" ?/ ?(?P<number>\d+ ?)?(?P<per>{_any(_ALL)})(?P<per_power>{_EXPONENT})?(?![\w/²³^])"
)
_CHINESE_COMPOUND = (
    rf"(?P<count>\d[\d,]*(?:\.\d+)?) ?(?P<unit>{_any(CHINESE_OF_COMPOUNDS)})"
    rf"/(?P<per>{_any(CHINESE_OF_COMPOUNDS)})(?P<power>{_EXPONENT})(?![\w²³])"
)
_MONEY = (
    r"(?P<currency>[$€£])(?P<whole>\d[\d,]*)\.(?P<parts>\d\d)"
    r"(?!\d|[.,]\d| ?(?:[mbt]r?illion|[kmb]n?)\b)"
)


def _in_english(number: re.Match[str]) -> str:
    return f"{number[1].replace('.', ',')}.{number[2]}".removesuffix(".00")


def _foreign(money: re.Match[str], names: Mapping[str, str]) -> str:
    scale = (money["scale"] or "").strip()
    many = f" {_SCALES.get(scale, scale)}" if scale else ""
    return f"{money['count'].removesuffix('.00')}{many} {names[money['currency']]}"


def _money(money: re.Match[str]) -> str:
    coins = "pence" if money["currency"] == "£" else "cents"
    parts = int(money["parts"])
    small = f"{parts} {'cent' if coins == 'cents' and parts == 1 else coins}"
    large = f"{money['currency']}{money['whole']}"
    if not parts:
        return large
    return small if money["whole"] == "0" else f"{large} and {small}"


def _plural(unit: str, *, is_one: bool) -> str:
    return unit if is_one else PLURALS.get(unit, f"{unit}s")


def _unit(measure: re.Match[str]) -> str:
    unit = _plural(UNITS[measure["unit"]], is_one=measure["count"] == "1")
    return f"{measure['count']} {unit}"


def _compound(measure: re.Match[str]) -> str:
    count, power = (measure["count"] or "").strip(), measure["per_power"] or ""
    is_clear = count or power or measure["power"] or measure[0] in {"m/s", "km/h", "kg/m"}
    number = (measure["number"] or "").strip()
    if not is_clear or (number and measure["per"] != "km"):  # N/A, 5V/2A
        return measure[0]
    unit = _plural(_ALL[measure["unit"]], is_one=count == "1")
    squared = f"{_EXPONENTS[measure['power']]} " if measure["power"] else ""
    per = _ALL[measure["per"]]
    if power and per == "second":
        per += " squared" if _EXPONENTS[power] == "square" else " cubed"
    elif power:
        per = f"{_EXPONENTS[power]} {per}"
    if number:
        per = f"{number} {_plural(per, is_one=number == '1')}"
    return f"{count} {squared}{unit} per {per}".strip()


def _chinese_compound(measure: re.Match[str]) -> str:
    unit, per = (CHINESE_OF_COMPOUNDS[measure[name]] for name in ("unit", "per"))
    is_square = _EXPONENTS[measure["power"]] == "square"
    if per == "秒":
        return f"{measure['count']}{unit}每{'二' if is_square else '三'}次方秒"
    return f"每{'平方' if is_square else '立方'}{per}{measure['count']}{unit}"


def _inches(inches: re.Match[str]) -> str:
    if inches.string.count('"') % 2 == 0:  # they quote something
        return inches[0]
    is_one = inches["count"] == "1" or ("/" in inches["count"] and not inches["whole"])
    is_one |= bool(re.match(rf"(?!{_NO_NOUN})[a-z]", inches.string[inches.end() :]))
    return f"{inches['whole'] or ''}{inches['count']} inch{'' if is_one else 'es'} "


def _angle(angle: re.Match[str]) -> str:
    seconds = f" {angle[3]} seconds" if angle[3] else ""
    return f"{angle[1]} degrees {angle[2]} minutes{seconds}"


def _by(sides: re.Match[str]) -> str:
    before, after = sides.string[: sides.start()], sides.string[sides.end() :]
    are_long = re.search(r"\d{3}$", before) and re.match(r"\d{3}", after)
    is_tight = sides[0] == "x"
    return f"{sides['unit'] or ''} by " if sides["unit"] or are_long or is_tight else sides[0]


BOTH: Sequence[Row] = (
    ("\N{MICRO SIGN}", "μ"),
    ("\N{OHM SIGN}", "Ω"),
    ("\N{FULLWIDTH YEN SIGN}", "¥"),
    (r"(?<=\d)(?=[kM]?Ω)", " "),
    (
        r"(?<![\d.,/-])([89]\d|1\d\d|2[0-4]\d)/([4-9]\d|1[0-3]\d)(?![\d.,/-]\d|\d)",
        r"\1 over \2",  # blood pressure
    ),
)
ENGLISH: Sequence[Row] = (
    *BOTH,
    ("℃", "°C"),
    ("℉", "°F"),
    (r"(?<=[\d%]) ?[~～〜] ?(?=\d)", "-"),
    (r"(?<=\d) ?‰", " per mille"),
    (r"(?<=[A-Z])(?=\d+\.\d)", " "),  # PM2.5
    (r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+),(\d\d)(?!\d)", _in_english),
    (r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d.])", lambda number: number[0].replace(".", ",")),
    (
        r"(?<![\d.,] )(?<![\d.,-])\d{1,3}(?:[ \u00a0\u2009]\d{3}){2,}(?![ -]?\d)",
        lambda number: re.sub(r"\s", ",", number[0]),
    ),
    (r"(?<![\d.,] )(?<![\d.,-])(\d{1,3}) 000(?![ -]?\d)", r"\1,000"),
    (r"(?<=\d)/(?=(?:day|hour|month|night|person|week|year)\b)", " per "),
    (
        (r"(?<![\d.,])([$€£])([\d.,]+)(?: ?- ?| to )\1?(?=\d)(?!\d+-[a-z])"),
        lambda span: f"{span[2]} to {span[1]}",
    ),
    (r"([$€£])\.(\d\d)\b", r"\g<1>0.\2"),
    (
        rf"(?<![\w.,])(?P<currency>{_any(CURRENCIES)}) ?{_COUNT}{_SCALE}(?!\w)",
        lambda money: _foreign(money, CURRENCIES),
    ),
    (
        rf"(?<![\w.,$€£¥]){_COUNT}{_SCALE} ?(?P<currency>{_any(CURRENCIES)})(?![\w$])",
        lambda money: _foreign(money, CURRENCIES),
    ),
    (_MONEY, _money),
    (r"(?<![\w.,$])(\d{1,3}) ?¢", lambda cents: f"{cents[1]} cent{'' if cents[1] == '1' else 's'}"),
    (r"\$([\d.,]*\d)[kK]\b", r"\1 thousand dollars"),
    (r"(?<![$€£¥\w.,])(\d[\d,.]*) ?([€£¥])(?!\d)", r"\2\1"),
    (
        (
            r"(?P<what>[$€£¥]\d[\d,]*(?:\.\d+)?|\b(?:dollars?|euros?|pounds|cents?|pence)) ?/ ?"
            rf"(?P<per>{_any(_ALL)})(?![\w/])"
        ),
        lambda price: f"{price['what']} per {_ALL[price['per']]}",
    ),
    (_COMPOUND, _compound),
    (r"\b(\d)' ?(\d{1,2})(?:\"|'')", r"\1 feet \2 inches"),
    (r"(?<![\w'])(\d{1,3})' (?=tall|long|wide|deep|high|by)", r"\1 feet "),
    (r"(\d ?(?:ft|feet)\.?) ?(\d{1,2}) ?in\b\.?", r"\1 \2 inches"),
    (
        r"(?<![\d./])(?P<whole>\d+ )?(?P<count>\d+(?:[./]\d+)?)\" ?(?=[×a-z]|$)",
        _inches,
    ),
    (r"(?<=\d) ?(?:sq\.? ?ft\b(?:\.(?= [a-z]))?|ft²)", " square feet"),
    (r"(?<=\d) ?sq\.? ?(?:m|meters?)\b", " square meters"),
    (
        rf"(?<![$€£\d.,-]){_COUNT} ?(?P<unit>{_any(UNITS)})\b(?!['²³/])",  # m: minutes
        _unit,
    ),
    (
        rf"(?<![$€£\d.,-]){_COUNT} ?(?P<unit>{_any(UNCOUNTED)})\b(?!['²³/])",
        lambda measure: f"{measure['count']} {UNCOUNTED[measure['unit']]}",
    ),
    (rf"(?<![\w$€£.,-]){_COUNT}M(?=[.,;!?)]|$| [a-z])", lambda many: f"{many['count']} million"),
    (r"(?<=\d)(?P<degrees> ?°[CF])[-–](?=\d+ ?°[CF])", " to "),
    (r"\b(\d+\.\d+)x\b", r"\1 times"),
    (r"(?<=\d\.\d)(?=[A-Za-z])|(?<=\d\.\d\d)(?=[A-Za-z])", " "),  # 1.5B
    (r"(\d)° ?(\d{1,2})['′](?: ?(\d{1,2})(?:\"|″|''))?", _angle),
    (
        r"(?<=\d)(?P<unit> ?(?:cm|mm|m|km|in|ft|inches|feet|meters))? ?[x×] ?(?=\d)",
        _by,
    ),
)
CHINESE: Sequence[Row] = (
    *BOTH,
    (
        r"(?<!\d)(11[09]|12[02]) over (?=\d)",  # else it would be the number of the police
        lambda pressure: f"{_EMERGENCIES[pressure[1]]}比",
    ),
    (r"(?<=\d) over (?=\d)", "比"),
    (r"(?<=[\d%℃]) ?[~～〜—] ?(?=-?\d)", "到"),
    (
        (
            r"(?<![\d.A-Za-z-])(?!0\d)(\d{1,6}(?:\.\d+)?)[-–]"
            r"(?!0\d)(?=\d{1,6}(?:\.\d+)?(?!等于|得|减|加|转)[\u4e00-\u9fff])"
        ),
        r"\1到",
    ),
    (r"(?<=[歼轰运直风])-(?=\d)", ""),
    (r"(?<=号)(\d+)-(\d+)(?![\d-])", r"\1杠\2"),
    (r"(\d+)次/分钟?", r"每分钟\1次"),
    (r"(?<![\d.第])2(?=次(?![元方])|[倍遍趟顿圈]|星期|毛(?!钱)|美元|欧元|英镑|港元)", "两"),
    (r"(?<=\d),(?=\d{3}(?!\d))", ""),
    (
        rf"(?<![A-Za-z])(?P<currency>{_any(CHINESE_CURRENCIES)}) ?{_COUNT}(?P<many>[万亿]?)",
        lambda money: f"{money['count']}{money['many']}{CHINESE_CURRENCIES[money['currency']]}",
    ),
    (
        rf"{_COUNT}(?P<many>[万亿]?) ?(?P<currency>{_any(CHINESE_CURRENCIES)})(?![A-Za-z\d])",
        lambda money: f"{money['count']}{money['many']}{CHINESE_CURRENCIES[money['currency']]}",
    ),
    (_CHINESE_COMPOUND, _chinese_compound),
    (
        rf"{_COUNT} ?(?P<unit>{_any(CHINESE_UNITS)})(?![A-Za-z\d/·²³])(?!(?<=W)[人粉元块个])",
        lambda measure: f"{measure['count']}{CHINESE_UNITS[measure['unit']]}",
    ),
)
