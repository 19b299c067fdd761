"""Many clips from one file: read, made one after the other, packed."""

from voxcpm_space.batch.making import BatchProgress, Packed, make
from voxcpm_space.batch.rows import COLUMNS, MAX_ROWS, Row, read_rows

__all__ = ["COLUMNS", "MAX_ROWS", "BatchProgress", "Packed", "Row", "make", "read_rows"]
