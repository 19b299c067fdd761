"""What belongs together although a full stop or comma stands in it: `Jan. 5, 2024`."""

import re
from collections.abc import Iterable

_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
_ABBREVIATION = r"(?:[Nn]os?|Nr|pp?|[Vv]ol|[Ff]igs?|[Cc]h|[Aa]rt|[Aa]pprox|ca?|[Ee]d|[Vv]er|v)"
_COUNTED = "[年月日号时点分秒度元个%万亿千百倍位名次岁米届楼层条章]"
_REACH = 24
"""Characters on either side of a border that are looked at."""
_UNFINISHED = (
    (re.compile(rf"\b(?:{_MONTH}|{_ABBREVIATION})\.\s*$"), re.compile(r"\d")),
    (re.compile(rf"\b{_MONTH}\.?\s+$"), re.compile(r"\d{1,2}\b")),
    (re.compile(rf"\b{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s*$"), re.compile(r"\d{4}\b")),
    (re.compile(r"(?:^|[^\d.,:\s]\s|[.!?]\s)\d{1,2}\.\s*$"), re.compile(r"[^\W\d_]")),
    (re.compile(r"[0-9A-Za-z][.,:/~-]?$|[-+$€£¥￥]$"), re.compile(r"[.,:/~%‰-]?[0-9A-Za-z]|[%‰]")),
    (re.compile(r"\d$"), re.compile(_COUNTED)),
    (re.compile(r"\d[年月点时]$"), re.compile(r"\d")),
)
"""How a part ends and how the next one begins. The last ones but three are `1. Corinthians` and
`3. Mai`; then come `2025-09-28`, `28日` and `9月28日`, which words of Chinese may be cut in."""


def rejoined(parts: Iterable[str]) -> list[str]:
    """Puts parts of a text together again where a cut would tear apart what is one."""
    whole: list[str] = []
    for part in parts:
        if whole and _belongs(whole[-1][-_REACH:], part[:_REACH]):
            whole[-1] += part
        else:
            whole.append(part)
    return whole


def _belongs(before: str, after: str) -> bool:
    return any(end.search(before) and start.match(after) for end, start in _UNFINISHED)
