"""Numbers that count nothing, and are said digit by digit: codes, short phone numbers, ISBNs."""

import re
from collections.abc import Sequence

from voxcpm_space.text.rows import Row

_CHINESE_DIGITS = str.maketrans("0123456789", "零幺二三四五六七八九")
_CODE = r"(?i:zip(?: code)?|postcode|pin(?: code)?|passcode|password|code|ext\.?|extension)"
_NUMBERED = (
    "QQ号?|微信号?|订单号?|运单号?|快递单号|单号|账号|帐号|卡号|学号|工号|编码|代码|邮编|邮政编码|密码|"
    "验证码|识别码|身份证号?码?|护照号?|会议号|房间号?|航班号?|房号|车次|股票代码|分机号?"
)
_STATE = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|"
    "T[NX]|UT|V[AT]|W[AIVY]"
)
_LONG_RUN = r"(?<![\d.,$€£¥])(?!\d*000(?!\d))\d{9,}(?![\d,]|\.\d|[万亿元美人个次年])"
"""Longer than a number that is written without commas in it."""


def _apart(digits: str) -> str:
    return " ".join(re.sub("[ -]", "", digits))


def _in_chinese(digits: str) -> str:
    return re.sub("[ -]", "", digits).translate(_CHINESE_DIGITS)


ENGLISH: Sequence[Row] = (
    (
        r"\bISBN(?:-1[03])?:? ?(?P<digits>\d[\d -]{8,16}[\dX])\b",
        lambda code: f"ISBN {_apart(code['digits'])}",
    ),
    (
        (
            rf"\b(?P<name>{_CODE})(?P<is>:| is| number| no\.)? "
            r"(?P<digits>\d{3,})\b(?![.,:/-]\d| [a-z]+s\b)"
        ),
        lambda code: f"{code['name']}{code['is'] or ''} {_apart(code['digits'])}",
    ),
    (
        rf"(?<=, )(?P<state>{_STATE}) (?P<digits>\d{{5}})(?P<more>-\d{{4}})?\b",
        lambda zip_code: (
            f"{zip_code['state']} {_apart(zip_code['digits'])}"
            + (f", {_apart(zip_code['more'])}" if zip_code["more"] else "")
        ),
    ),
    (
        (
            r"(?P<verb>\b(?:[Cc]all|[Dd]ial|[Tt]ext|[Pp]hone)(?:ing|ed)? )"
            r"(?P<digits>\d{3,6})\b(?![.,-]\d| [a-z]+s\b)"
        ),
        lambda call: f"{call['verb']}{_apart(call['digits'])}",
    ),
    (_LONG_RUN, lambda number: _apart(number[0])),
)
CHINESE: Sequence[Row] = (
    (
        r"ISBN(?:-1[03])?号?[:：]? ?(?P<digits>\d[\d -]{8,16}[\dX])",
        lambda code: f"ISBN{_in_chinese(code['digits'])}",
    ),
    (
        (
            rf"(?P<name>(?:{_NUMBERED})(?:[:：是为]|号码|号)? ?[A-Za-z]*)"
            r"(?P<digits>\d{3,})(?![\d.]|[个元次位])"
        ),
        lambda code: f"{code['name']}{_in_chinese(code['digits'])}",
    ),
    (r"(?<!\d)\d{3,4}(?=室|房(?!间?[数]))", lambda room: _in_chinese(room[0])),
    (
        r"(?<=[A-Za-z])\d{1,4}(?=次(?:列车|高铁|动车|航班|车)|号?航班)",
        lambda train: _in_chinese(train[0]),
    ),
    (r"(?<![\d.])(?:996|007)(?=工作|制|加班)", lambda hours: _in_chinese(hours[0])),
    (r"(?<![\d.])(?:985|211)(?=大学|高校|工程|院校|学校)", lambda plan: _in_chinese(plan[0])),
    (
        (
            r"(?<![\d.])(?P<month>\d{1,2})[.·](?P<day>\d{1,2})"
            "(?=劳动节|国庆|事件|晚会|大促|购物节|电商节|青年节|地震|黄金周|长假|特大)"
        ),
        lambda day: _in_chinese(day["month"] + day["day"]).replace("幺", "一"),
    ),
    (
        r"(?<!\d)618(?=大促|购物节|年中|活动|期间|电商)",
        lambda day: _in_chinese(day[0]).replace("幺", "一"),
    ),
    (
        r"(?<!\d)(?P<first>1\d\d)[ -](?P<second>\d{4})[ -](?P<third>\d{4})(?!\d)",
        lambda phone: "，".join(map(_in_chinese, phone.groups())),
    ),
    (
        r"(?<!\d)(?P<first>20\d\d)[-/](?P<last>(?:20)?\d\d)(?=赛季|学年|财年|年度)",
        lambda years: "到".join(map(_in_chinese, years.groups())).replace("幺", "一"),
    ),
    (
        r"(?<![\d第])(?:\d[05](?=后(?![来面天期续者边]))|\d\d(?=届)|20\d\d(?=[级届版款]))",
        lambda years: _in_chinese(years[0]).replace("幺", "一"),
    ),
    (_LONG_RUN, lambda number: _in_chinese(number[0])),
)
