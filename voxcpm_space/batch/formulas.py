"""Cells that a spreadsheet would take for formulas (CSV injection), made text and taken back.

An apostrophe is put before them, and before what would look like that already, so that nothing is
lost: `-5` becomes `'-5`, `'-5` becomes `''-5`, and `'Twas` stays as it is.
"""

import re

_FORMULA = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
"""What formulas begin with, in Japanese spreadsheets in its full width, too."""
_TAKEN_FOR_ONE = re.compile(f"'*{_FORMULA}")
_ESCAPED = re.compile(f"'+{_FORMULA}")


def escaped(cell: str) -> str:
    """Gives a cell that no spreadsheet computes."""
    return f"'{cell}" if _TAKEN_FOR_ONE.match(cell) else cell


def unescaped(cell: str) -> str:
    """Gives what the cell was before `escaped`."""
    return cell[1:] if _ESCAPED.match(cell) else cell
