"""The line below the player: progress, then facts."""

from voxcpm_space.engine import QueuePosition
from voxcpm_space.studio import Progress, Speech
from voxcpm_space.ui.bars import bar
from voxcpm_space.ui.clip_picture import advice
from voxcpm_space.ui.words import GAP, html, said

_SHOWN_CHARACTERS = 36
_IS_PART = "This is a part: it ended before all of the text was spoken."


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
    text = ""
    if progress.segments > 1:
        text = html("Part {number} of {all}: ", number=progress.segment, all=progress.segments)
    if progress.waiting:
        return bar(part, text + waiting_words(progress.waiting))
    text += made_words(progress)
    if progress.left is not None and progress.left >= 1:
        minutes, seconds = divmod(round(progress.left), 60)
        left = "; about {minutes} min {seconds} s left" if minutes else "; about {seconds} s left"
        text += html(left, minutes=minutes, seconds=seconds)
    if plays_later:
        text += html(". It will play when it is ready.")
    return bar(part, text)


def waiting_words(waiting: QueuePosition) -> str:
    """Gives HTML that says how long a take has to wait."""
    seconds = f"{waiting.seconds:.0f}"
    return html(
        "Waiting: {ahead} before it, about {seconds} s", ahead=waiting.ahead, seconds=seconds
    )


def made_words(progress: Progress) -> str:
    """Gives HTML that says how much of a take is made."""
    made, expected = f"{progress.made:.1f}", f"{progress.expected:.1f}"
    return html("{made} s made, of about {expected} s", made=made, expected=expected)


def speech_line(speech: Speech) -> str:
    """Gives HTML with the facts of a finished speech, and what a listener should know."""
    warnings = (*(speech.reference.warnings if speech.reference else ()), *speech.warnings)
    if speech.is_part:
        warnings = (_IS_PART, *warnings)
    facts = (
        html("{seconds} s of speech", seconds=f"{speech.seconds:.1f}"),
        html("made in {seconds} s", seconds=f"{speech.elapsed:.1f}"),
        f"<abbr title='seconds of computing for a second of audio'>RTF</abbr> {speech.rtf:.2f}",
        html("seed {seed}", seed=speech.seed),
    )
    line = "".join(f"<span>{fact}</span>" for fact in facts)
    return advice(warnings) + f"<p class='facts' role='status'>{line}</p>" + _notes(speech)


def _notes(speech: Speech) -> str:
    if not speech.notes:
        return ""
    notes = html("; ").join(map(said, speech.notes))
    return hint(f"{html('Changed before it was spoken:')}{GAP}{notes}{html('.')}")
