"""The line below the player: progress, then facts."""

from voxcpm_space.studio import Progress, Speech
from voxcpm_space.ui.bars import bar
from voxcpm_space.ui.clip_picture import advice

_SHOWN_CHARACTERS = 36
_PLAYS_LATER = ". It will play when it is ready."


def hint(text: str) -> str:
    """Gives HTML of a quiet sentence."""
    return f"<p class='hint'>{text}</p>"


def first_words(text: str) -> str:
    """Gives as much of a text as a list can show of it."""
    line = " ".join(text.split())
    if len(line) <= _SHOWN_CHARACTERS:
        return line
    return f"{line[:_SHOWN_CHARACTERS].rpartition(' ')[0] or line[:_SHOWN_CHARACTERS]}…"


def progress_line(progress: Progress, *, plays_later: bool) -> str:
    """Gives HTML that says how far a take is, and whether it is played only when it is ready."""
    part = progress.made / progress.expected
    of_text = f"Part {progress.chunk} of {progress.chunks}: " if progress.chunks > 1 else ""
    if waiting := progress.waiting:
        text = f"Waiting: {waiting.ahead} before it, about {waiting.seconds:.0f} s"
        return bar(part, of_text + text)
    text = f"{of_text}{progress.made:.1f} s made, of about {progress.expected:.1f} s"
    if progress.left is not None and progress.left >= 1:
        text += f"; about {_duration(progress.left)} left"
    if plays_later:
        text += _PLAYS_LATER
    return bar(part, text)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def speech_line(speech: Speech) -> str:
    """Gives HTML with the facts of a finished speech, and what a listener should know."""
    warnings = (*(speech.reference.warnings if speech.reference else ()), *speech.warnings)
    if speech.is_part:
        warnings = ("This is a part: it ended before all of the text was spoken.", *warnings)
    notes = f"Changed before it was spoken: {'; '.join(speech.notes)}." if speech.notes else ""
    return (
        advice(warnings)
        + (
            f"<p class='facts' role='status'><span>{speech.seconds:.1f} s of speech</span>"
            f"<span>made in {speech.elapsed:.1f} s</span>"
            f"<span><abbr title='seconds of computing for a second of audio'>RTF</abbr> "
            f"{speech.rtf:.2f}</span><span>seed {speech.seed}</span></p>"
        )
        + (hint(notes) if notes else "")
    )
