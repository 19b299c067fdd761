"""Many clips from one file: read, made one after the other, packed."""

from voxcpm_space.batch.archive import read_archive, read_clip
from voxcpm_space.batch.making import BatchProgress, Outcome, Packed, make
from voxcpm_space.batch.rows import COLUMNS, MAX_ROWS, Row, read_rows

__all__ = [
    "COLUMNS",
    "MAX_ROWS",
    "BatchProgress",
    "Outcome",
    "Packed",
    "Row",
    "make",
    "read_archive",
    "read_clip",
    "read_rows",
]
