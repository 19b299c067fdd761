"""The ZIP file of a batch, written to the disk clip by clip."""

import csv
import io
import shutil
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

from voxcpm_space.batch.formulas import escaped
from voxcpm_space.batch.rows import COLUMNS, RESULTS, Row, read_lines
from voxcpm_space.messages import N_
from voxcpm_space.studio import Speech

_SETTINGS = "settings.csv"
_MAX_NAME = 40
PART = N_("This is a part: it ended before all of the text was spoken.")
"""What the table says of a clip that was stopped."""
_HEADER = ("file", *COLUMNS, *(column for column in RESULTS if column != "file"))


class Archive:
    """Clips and a table that says of each line what was made of it.

    Attributes:
        clips: How many there are.
    """

    def __init__(self, path: Path) -> None:
        """Starts the file."""
        # What is in WAV files hardly gets smaller, and would take long to.
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self._lines: list[dict[str, object]] = []
        self.clips = 0

    def add(self, row: Row, speech: Speech) -> str:
        """Adds the clip of the next line, and gives its name."""
        name = file_name(len(self._lines) + 1, row.name)
        self._zip.write(speech.path, name)
        self.clips += 1
        made = {"file": name, "name": row.name, "seconds": f"{speech.seconds:.2f}"}
        problem = {"problem": " ".join(_problems(speech))}
        self._lines.append(
            made | speech.request.model_dump(include=set(COLUMNS), exclude_none=True) | problem
        )
        return name

    def add_made(self, row: Row, earlier: Path) -> str:
        """Adds the clip of the next line from an earlier file, and gives its name."""
        name = row.made["file"]
        with (
            zipfile.ZipFile(earlier) as made,
            made.open(name) as clip,
            self._zip.open(name, "w") as copy,
        ):
            shutil.copyfileobj(clip, copy)
        self.clips += 1
        self._lines.append(dict(row.made))
        return name

    def add_failure(self, row: Row, problem: str) -> None:
        """Notes why there is no clip of the next line."""
        self._lines.append({"name": row.name, **row.fields, "problem": problem})

    def finish(self) -> None:
        """Adds the table, and writes what is left."""
        table = io.StringIO(newline="")
        writer = csv.DictWriter(table, _HEADER)
        writer.writeheader()
        for line in self._lines:
            writer.writerow({column: escaped(str(value)) for column, value in line.items()})
        self._zip.writestr(_SETTINGS, table.getvalue().encode("utf-8-sig"))
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._zip.close()


def read_archive(path: Path) -> list[Row]:
    """Reads what a file that `Archive` wrote says of its lines; a part of a clip counts as none."""
    with zipfile.ZipFile(path) as archive:
        rows = read_lines(archive.read(_SETTINGS).decode("utf-8-sig"))
    return [
        replace(row, made={}) if row.made.get("problem", "").startswith(PART) else row
        for row in rows
    ]


def read_clip(path: Path, name: str) -> bytes | None:
    """Gives a clip of a file that `Archive` wrote; None where it has none of that name."""
    with zipfile.ZipFile(path) as archive:
        is_there = name.endswith(".wav") and name in archive.namelist()
        return archive.read(name) if is_there else None


def file_name(number: int, name: str) -> str:
    """Gives the name of a clip: nothing of it can lead out of a folder, hide or run.

    Args:
        number: Of the line, from 1.
        name: What a person called it.
    """
    kept = [
        character if character == "_" or unicodedata.category(character)[0] in "LMN" else " "
        for character in unicodedata.normalize("NFC", name)
    ]
    words = "-".join("".join(kept).split())[:_MAX_NAME]
    return f"{number:03d}-{words}.wav" if words else f"{number:03d}.wav"


def _problems(speech: Speech) -> list[str]:
    return [*([PART] if speech.is_part else []), *speech.warnings]
