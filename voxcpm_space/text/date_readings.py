"""Dates, times and ranges of them, written so that wetext reads them rightly."""

import re
from collections.abc import Sequence

from voxcpm_space.text.rows import Row

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
MONTH = r"(?P<month>(?:{})\b|(?:{}|Sept)\b(?:\.(?!\s*$))?)".format(
    "|".join(MONTHS), "|".join(month[:3] for month in MONTHS)
)
DAYS = (
    *("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"),
    *("ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth"),
    *("sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty first"),
    *("twenty second", "twenty third", "twenty fourth", "twenty fifth", "twenty sixth"),
    *("twenty seventh", "twenty eighth", "twenty ninth", "thirtieth", "thirty first"),
)
_WEEKDAYS = {
    day[:3]: day
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
}
_WEEKDAY = "(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_YEAR = r"(?:1[5-9]|20)\d\d"
_LAST_CENTURY = 50
"""`'50` is 1950, and `'49` 2049."""
_TO = "(?: ?[-–] ?)"
_ISO_TIME = (
    rf"(?P<date>\b{_YEAR}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d)(?::(?P<seconds>\d\d)(?:\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?(?![\d:])"
)


def _iso_time(found: re.Match[str]) -> str:
    seconds = f":{found['seconds']}" if found["seconds"] and found["seconds"] != "00" else ""
    zone = {None: "", "Z": " UTC"}.get(found["zone"], f" UTC{found['zone']}")
    return f"{found['date']} {found['time']}{seconds}{zone}"


def _full_month(short: str) -> str:
    return next(month for month in MONTHS if month.startswith(short[:3]))


def _full_year(two_digits: str) -> str:
    return f"{'19' if int(two_digits) >= _LAST_CENTURY else '20'}{two_digits}"


def _days(days: re.Match[str]) -> str:
    month = _full_month(days["month"])
    return f"the {DAYS[int(days['first'])]} to the {DAYS[int(days['last'])]} of {month}"


def _lasting(time: re.Match[str]) -> str:
    hours, minutes, seconds = time.groups()
    parts = [_counted(hours, "hour"), _counted(minutes, "minute")]
    return " ".join([*parts, *([_counted(seconds, "second")] if seconds else [])])


def _counted(count: str, unit: str) -> str:
    return f"{int(count)} {unit}{'' if int(count) == 1 else 's'}"


def _lap(lap: re.Match[str]) -> str:
    minutes, seconds, parts = lap.groups()
    return f"{_counted(minutes, 'minute')} {int(seconds)}.{parts} seconds"


BOTH: Sequence[Row] = ((_ISO_TIME, _iso_time),)
ENGLISH: Sequence[Row] = (
    *BOTH,
    (
        rf"\b(?P<first>{_WEEKDAY})\.?{_TO}(?P<last>{_WEEKDAY})\b\.?(?!\w)",
        lambda days: f"{_WEEKDAYS[days['first'][:3]]} to {_WEEKDAYS[days['last'][:3]]}",
    ),
    (rf"(\b{MONTH} {_DAY}(?:st|nd|rd|th)?){_TO}(?={MONTH.replace('month', 'other')})", r"\1 to "),
    (
        (
            rf"\b{MONTH} (?P<first>{_DAY})(?:st|nd|rd|th)?{_TO}"
            rf"(?P<last>{_DAY})(?:st|nd|rd|th)?\b(?![:/.]\d)"
        ),
        _days,
    ),
    (
        rf"(?<![\d.,:/-])\b(?P<first>{_DAY}){_TO}(?P<last>{_DAY}) {MONTH}(?! {_DAY}\b)",
        _days,
    ),
    (rf"(?<=\d0s){_TO}(?='?\d+0s\b)", " to "),
    (
        rf"(?<![\d./-])(?P<day>{_DAY})\.(?P<number>1[0-2]|0?[1-9])\.(?P<year>{_YEAR})\b(?![.\d])",
        lambda date: f"{int(date['day'])} {MONTHS[int(date['number']) - 1]} {date['year']}",
    ),
    (
        rf"(?<![\d/-])\b(?P<year>{_YEAR})-(?P<number>0[1-9])\b(?![-\d/])",
        lambda date: f"{MONTHS[int(date['number']) - 1]} {date['year']}",
    ),
    (
        (
            rf"(?i:(?P<on>\b(?:on|by|due|since|until|till|before|after|from|to|date:?) ))"
            rf"(?P<number>1[0-2]|0?[1-9])/(?P<day>{_DAY})\b"
            r"(?=[,;!?)]|\.(?!\d)|$| (?:at|from|and|to|we)\b)"
        ),
        lambda date: f"{date['on']}{MONTHS[int(date['number']) - 1]} {int(date['day'])}",
    ),
    (
        rf"(?<![\d/-])(?P<number>1[0-2]|0?[1-9])/(?P<day>{_DAY})/(?P<year>\d\d)(?![\d/-])",
        lambda date: (
            f"{MONTHS[int(date['number']) - 1]} {int(date['day'])}, {_full_year(date['year'])}"
        ),
    ),
    (
        r"(?<![\d/-])(?P<day>1[3-9]|2\d|3[01])/(?P<number>1[0-2]|0?[1-9])/(?P<year>\d\d)(?![\d/-])",
        lambda date: (
            f"{int(date['day'])} {MONTHS[int(date['number']) - 1]} {_full_year(date['year'])}"
        ),
    ),
    (
        rf"(?<![\d/-])(?P<number>1[0-2]|0?[1-9])/(?P<year>{_YEAR})(?![\d/-])",
        lambda date: f"{MONTHS[int(date['number']) - 1]} {date['year']}",
    ),
    (rf"\b{MONTH} '(?P<year>\d\d)\b", lambda date: f"{date['month']} {_full_year(date['year'])}"),
    (
        rf"\b{MONTH}[-–](?={MONTH.replace('month', 'other')})",
        lambda months: f"{_full_month(months['month'])} to ",
    ),
    (rf"\b({_YEAR})/(\d\d)\b(?![/\d-])", r"\1 \2"),  # a season
    (rf"(?<![\d/-])\b({_YEAR})[-–](\d\d)\b(?![-\d/])", r"\1 to \2"),
    (r"(?<=\b[QH]\d) ?'(?=\d\d\b)", " "),
    (r"(?<=[a-z] )'(?=\d\d\b(?!s))", ""),
    (r"\b(\d{1,2}) ?h ?(\d{1,2}) ?m(?:in)?\b(?: ?(\d{1,2}) ?s(?:ec)?\b)?", _lasting),
    (
        r"\b(\d{1,3}) ?m(?:in)? ?(\d{1,2}) ?s(?:ec)?\b",
        lambda time: f"{_counted(time[1], 'minute')} {_counted(time[2], 'second')}",
    ),
    (
        r"(?i:\b(?P<verb>in|for|wait|after|every|within|takes?|took|lasts?)) (?P<count>\d+0)s\b",
        r"\g<verb> \g<count> seconds",
    ),
    (r"(?<=\b[Aa] )(\d+)s\b", r"\1 second"),
    (r"\b(\d{1,2}):([0-5]\d)\.(\d{1,3})\b", _lap),
    (rf"\b(\d{{1,2}}(?::\d\d)?){_TO}(?=\d{{1,2}}(?::\d\d)? ?[ap]\.?m\b)", r"\1 to "),
    (r"(?<=\d[ap]m) ?[-–] ?(?=\d)|(?<=[ap]\.m\.) ?[-–] ?(?=\d)", " to "),
    (r"(?<=\d(?:st|nd|rd|th))[-–](?=\d+(?:st|nd|rd|th)\b)", " to "),
    (r"(?<=\bnoon)[-–](?=\d)|(?<=\bmidnight)[-–](?=\d)|(?<=\d[ap]m)[-–](?=noon|midnight)", " to "),
)
CHINESE: Sequence[Row] = (
    *BOTH,
    (r"(?<![\d.点第月])2点(?!\d(?!\d?分)|[零一二三四五六七八九])", "两点"),
    (r"(?<=点)2分(?!之)", "二分"),
    (r"(?<![\d:：])00?:([1-5]\d)(?![\d:])", r"零点\1分"),
    (r"(?<![\d.])2(?=单元|号)", "二"),
)
