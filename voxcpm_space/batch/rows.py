"""A file of texts as people write it by hand or with a spreadsheet: one clip a line."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from voxcpm_space.batch.formulas import unescaped
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_, Message
from voxcpm_space.text import PAUSE_CHARACTERS_PER_SECOND, pause_characters, preprocess

MAX_ROWS = 200
MAX_CHARACTERS = 100_000
"""Of all texts: about two hours of speech."""
MAX_BYTES = 4 * 2**20

COLUMNS = (
    *("text", "name", "voice_description", "seed", "cfg_value", "dit_steps"),
    *("normalize", "speed", "quality"),
)
RESULTS = ("file", "seconds", "problem")
"""Columns of a `settings.csv`, which can be sent again; they say nothing of what to make."""
_WITH_PAUSES = N_(
    "characters of text, with {each} for each second of a pause", each=PAUSE_CHARACTERS_PER_SECOND
)
_SHOWN_CHARACTERS = 40
_DELIMITERS = {",": N_("comma"), ";": N_("semicolon"), "\t": N_("tab")}
_SEPARATOR_LINE = re.compile(r"\"?sep=(?P<delimiter>[,;\t])\"?[,;\t]*\s*", re.IGNORECASE)
"""How Excel is told of the delimiter, and what it writes back."""
_LINE_END = re.compile(r"\r\n?|\n")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _fraction(cell: str) -> float:
    """In many languages a comma stands for the point."""
    return float(cell.replace(",", "."))


_KINDS: Mapping[str, Callable[[str], object]] = {
    "seed": int,
    "cfg_value": _fraction,
    "dit_steps": int,
    "normalize": lambda cell: _TRUTHS.get(cell.lower(), cell),
    "speed": _fraction,
}


@dataclass(frozen=True)
class Row:
    """A clip to make.

    Attributes:
        name: What it is called, unchecked; empty where it has no name.
        fields: Those of `SpeechRequest`, unchecked.
        made: Its line in the table of an earlier batch that has a clip of it; else empty.
    """

    name: str
    fields: Mapping[str, object]
    made: Mapping[str, str] = field(default_factory=dict)


def read_rows(path: Path, **defaults: object) -> list[Row]:
    """Reads a table with named columns if the file ends in .csv, else each line as a text.

    Args:
        path: The file.
        defaults: Fields of lines that leave them empty.

    Raises:
        InputError: It is too large, no text, or no such table; says where and what is allowed.
    """
    with path.open("rb") as file:
        text = _decoded(file.read(MAX_BYTES + 1))
    rows = list(_table(text) if path.suffix.lower() == ".csv" else _lines(text))
    if not rows:
        raise InputError(N_("The file has no lines to speak. Please write one text a line."))
    _refuse_too_many(rows)
    return [replace(row, fields={**defaults, **row.fields}) for row in rows]


def read_lines(table: str) -> list[Row]:
    """Reads the table of an earlier batch, to make what of it was not made."""
    lines = csv.DictReader(io.StringIO(table, newline=""))
    unescaped_lines = [{name: unescaped(cell) for name, cell in line.items()} for line in lines]
    return [replace(_row(line), made=line if line["file"] else {}) for line in unescaped_lines]


def _refuse_too_many(rows: Sequence[Row]) -> None:
    texts = [str(row.fields.get("text", "")) for row in rows]
    _refuse_more(len(rows), N_("lines"), MAX_ROWS)
    characters = sum(map(len, texts))
    _refuse_more(characters, N_("characters of text"), MAX_CHARACTERS)
    with_pauses = characters + sum(map(_pause_characters, texts))
    _refuse_more(with_pauses, _WITH_PAUSES, MAX_CHARACTERS)


def _refuse_more(count: int, unit: Message, most: int) -> None:
    if count > most:
        raise InputError(
            N_(
                "The file has {count:,} {unit}; at most {most:,} are allowed. "
                "Please send it in parts.",
                count=count,
                unit=unit,
                most=most,
            )
        )


def _pause_characters(text: str) -> int:
    """As of a request; where that would be refused nothing is made, and no pause either."""
    with suppress(InputError):
        return pause_characters(preprocess(text)[0])
    return 0


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise InputError(
            N_(
                "The file is larger than {size} MB. Please send it in parts.",
                size=MAX_BYTES // 2**20,
            )
        )
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            N_(
                "The file is not text in UTF-8. Please save it as that; spreadsheets call it "
                "“CSV UTF-8”."
            )
        ) from error
    if "\0" in text:
        raise InputError(N_("The file is not text: it holds zeros. Please save it as text or CSV."))
    return text


def _lines(text: str) -> Iterator[Row]:
    for line in text.splitlines():
        if line.strip():
            yield Row("", {"text": line.strip()})


def _table(text: str) -> Iterator[Row]:
    text = text.lstrip()
    told = _SEPARATOR_LINE.match(text)
    text = text[told.end() :] if told else text
    delimiter, columns = _header(text, told["delimiter"] if told else None)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        next(reader)
        for row in reader:
            cells = _without_empty_end(row, len(columns))
            if not any(map(str.strip, cells)):
                continue
            if len(cells) != len(columns):
                raise _other_cells(reader.line_num, len(cells), len(columns), delimiter)
            yield _row(dict(zip(columns, map(unescaped, cells), strict=True)))
    except csv.Error as error:
        raise InputError(
            N_(
                "Line {number} of the file is not CSV that can be read: {why}.",
                number=reader.line_num,
                why=str(error),
            )
        ) from error


def _other_cells(number: int, cells: int, columns: int, delimiter: str) -> InputError:
    return InputError(
        N_(
            "Line {number} of the file has {cells} cells, but there are {columns} "
            "columns. A text with a {delimiter} in it must stand in double quotes.",
            number=number,
            cells=cells,
            columns=columns,
            delimiter=_DELIMITERS[delimiter],
        )
    )


def _without_empty_end(cells: list[str], columns: int) -> list[str]:
    """Some programs end each line with a delimiter, or as many as their widest one."""
    while len(cells) > columns and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _header(text: str, told: str | None) -> tuple[str, list[str]]:
    """Gives the delimiter, which the file may have told before, and the names of the columns."""
    line = _LINE_END.split(text, maxsplit=1)[0].strip(" ")
    for delimiter in [told] if told else _DELIMITERS:
        columns = [name.strip(' "').lower() for name in line.split(delimiter)]
        columns = _without_empty_end(columns, 1)
        if "text" in columns:
            break
    else:
        raise InputError(
            N_(
                "The first line of a CSV file must name its columns, and one must be text. "
                "There can be: {columns}. A file with one text a line and no names may end in "
                ".txt.",
                columns=", ".join(COLUMNS),
            )
        )
    for name in columns:
        if name not in COLUMNS + RESULTS or columns.count(name) > 1:
            raise InputError(
                N_(
                    "The file has a column {name} that is unknown, or there twice. "
                    "There can be: {columns}.",
                    name=repr(name[:_SHOWN_CHARACTERS]),
                    columns=", ".join(COLUMNS),
                )
            )
    return delimiter, columns


def _row(cells: Mapping[str, str]) -> Row:
    """Leaves out what is empty, and leaves as it is what is wrong: the request says so."""
    fields = {
        column: _value(column, cell.strip())
        for column, cell in cells.items()
        if column not in {"name", *RESULTS} and cell.strip()
    }
    return Row(cells.get("name", "").strip(), fields)


def _value(column: str, cell: str) -> object:
    try:
        return _KINDS.get(column, str)(cell)
    except ValueError:
        return cell
