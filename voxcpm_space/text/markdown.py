"""Markdown that was pasted from elsewhere, without the marks that nobody wants to hear."""

import re

_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_RULE = re.compile(r"[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}[ \t]*)")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?=\S)")
_QUOTE = re.compile(r" {0,3}>(?: {0,3}>)*(?!\d)[ \t]?")  # not `>90%`
_ITEM = re.compile(r"[ \t]*[-*+•‣▪][ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)")
_TABLE_RULE = set("|:- \t")

_LINK = (  # `[pause 1s](Really) yes` is none
    r"!?\[(?![ \t]*(?i:pause)(?![\w-]))([^\[\]\n]*)\]"
    r"\((?:[^()\s]|\([^()\s]*\))*(?: \"[^\"\n]*\")?\)"
)
# Every class excludes the mark that ends it, so that no text takes more than a few passes.
_INLINE = (
    (re.compile(_LINK), r"\1"),
    (re.compile(r"\[\^[^\[\]\s]{1,30}\]:?"), ""),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"~~([^~\n]+)~~"), r"\1"),
)
_STARS = re.compile(
    r"(?<![A-Za-z0-9*\\])(\*{1,3})(?=[^\s*])([^*\n]+)(?<=[^\s\\])\1(?![A-Za-z0-9*])"
)
_UNDERSCORES = re.compile(r"(?<![\w\\])_(?=[^\s_])([^_\n]+)(?<=[^\s\\])_(?!\w)")
_DOUBLE_UNDERSCORES = re.compile(r"(?<!\w)__(?=[^\s_]+ )([^_\n]+)(?<=\S)__(?!\w)")
"""Around several words only: `__init__` is a name."""
_ESCAPE = re.compile(r"\\([*_`#\[\]~>])")


def without_markdown(text: str) -> str:
    """Takes headings, emphasis, links, lists, quotes, tables and code out of their marks."""
    lines = (_line(line) for line in text.split("\n"))
    text = "\n".join(line for line in lines if line is not None)
    for pattern, spoken in _INLINE:
        text = pattern.sub(spoken, text)
    for _ in range(2):  # emphasis inside of emphasis
        text = _STARS.sub(r"\2", text)
    text = _DOUBLE_UNDERSCORES.sub(r"\1", _UNDERSCORES.sub(r"\1", text))
    return _ESCAPE.sub(r"\1", text)


def _line(line: str) -> str | None:
    """Gives a line without the marks at its start; None where it is nothing but marks."""
    if _FENCE.match(line):
        return None
    if _RULE.fullmatch(line):
        return ""
    if "|" in line:
        return _row(line)
    line = line[quoted.end() :] if (quoted := _QUOTE.match(line)) else line
    if heading := _HEADING.match(line):
        return f"{_without_closing(line[heading.end() :])}\n"
    return line[item.end() :] if (item := _ITEM.match(line)) else line


def _without_closing(heading: str) -> str:
    """`Title ##` is `Title`, but `About C#` is itself."""
    title, _, last = heading.rstrip().rpartition(" ")
    return title.rstrip() if title and set(last) == {"#"} else heading


def _row(line: str) -> str | None:
    """A table's cells, as a list of them would be said."""
    if "-" in line and set(line) <= _TABLE_RULE:
        return None
    inner = line.strip()
    if not (inner.startswith("|") and inner.endswith("|")):
        return line
    cells = (cell.strip() for cell in inner.strip("|").split("|"))
    return ", ".join(cell for cell in cells if cell)
