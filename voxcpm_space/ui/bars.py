"""A progress bar with words."""

from voxcpm_space.messages import N_
from voxcpm_space.ui.words import html


def bar(part: float, text: str, language: str) -> str:
    """Gives HTML of a bar that is filled to `part` (0 to 1), with `text`, HTML too, beside it."""
    label = html(N_("Progress"), language)
    percent = round(100 * min(part, 1.0))
    return (
        f"<div class='bar' role='progressbar' aria-label='{label}' aria-valuenow='{percent}' "
        f"aria-valuemin='0' aria-valuemax='100'><div style='width:{percent}%'></div></div>"
        f"<div class='bar-text'>{text}</div>"
    )
