"""A progress bar with words."""


def bar(part: float, text: str) -> str:
    """Gives HTML of a bar that is filled to `part` (0 to 1), with `text`, HTML too, beside it."""
    percent = round(100 * min(part, 1.0))
    return (
        f"<div class='bar' role='progressbar' aria-label='Progress' aria-valuenow='{percent}' "
        f"aria-valuemin='0' aria-valuemax='100'><div style='width:{percent}%'></div></div>"
        f"<div class='bar-text'>{text}</div>"
    )
