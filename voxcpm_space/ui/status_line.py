"""The line below the player: progress, then facts."""

from voxcpm_space.engine import QueuePosition
from voxcpm_space.messages import N_, Message, translate
from voxcpm_space.studio import Progress, Speech
from voxcpm_space.ui.clip_picture import advice
from voxcpm_space.ui.words import html

_SHOWN_CHARACTERS = 36
_IS_PART = N_("This is a part: it ended before all of the text was spoken.")


def bar(part: float, text: str, language: str) -> str:
    """Gives HTML of a bar that is filled to `part` (0 to 1), with `text`, HTML too, beside it."""
    label = html(N_("Progress"), language)
    percent = round(100 * min(part, 1.0))
    return (
        f"<div class='bar' role='progressbar' aria-label='{label}' aria-valuenow='{percent}' "
        f"aria-valuemin='0' aria-valuemax='100'><div style='width:{percent}%'></div></div>"
        f"<div class='bar-text'>{text}</div>"
    )


def hint(text: str) -> str:
    """Gives HTML of a quiet sentence."""
    return f"<p class='hint'>{text}</p>"


def first_words(text: str) -> str:
    """Gives as much of a text as a list can show of it."""
    line = " ".join(text.split())
    if len(line) <= _SHOWN_CHARACTERS:
        return line
    return f"{line[:_SHOWN_CHARACTERS].rpartition(' ')[0] or line[:_SHOWN_CHARACTERS]}…"


def progress_line(progress: Progress, language: str, *, plays_later: bool) -> str:
    """Gives HTML that says how far a speech is, and whether it is played only when it is ready."""
    part = progress.made / progress.expected
    words = []
    if progress.segments > 1:
        part_of = {"number": progress.segment, "all": progress.segments}
        words.append(N_("Part {number} of {all}: ", **part_of))
    if progress.waiting:
        words.append(waiting_words(progress.waiting))
    else:
        words += [made_words(progress), *_left_words(progress.left)]
        if plays_later:
            words.append(N_(". It will play when it is ready."))
    return bar(part, "".join(html(one, language) for one in words), language)


def waiting_words(waiting: QueuePosition) -> Message:
    """Says how long a speech has to wait."""
    return N_(
        "Waiting: {ahead} before it, about {seconds:.0f} s",
        ahead=waiting.ahead,
        seconds=waiting.seconds,
    )


def made_words(progress: Progress) -> Message:
    """Says how much of a speech is made."""
    return N_(
        "{made:.1f} s made, of about {expected:.1f} s",
        made=progress.made,
        expected=progress.expected,
    )


def _left_words(left: float | None) -> list[Message]:
    if left is None or left < 1:
        return []
    minutes, seconds = divmod(round(left), 60)
    if minutes:
        return [N_("; about {minutes} min {seconds} s left", minutes=minutes, seconds=seconds)]
    return [N_("; about {seconds} s left", seconds=seconds)]


def speech_line(speech: Speech, language: str) -> str:
    """Gives HTML with the facts of a finished speech, and what a listener should know."""
    warnings = (*(speech.reference.warnings if speech.reference else ()), *speech.warnings)
    if speech.is_part:
        warnings = (_IS_PART, *warnings)
    rtf = html(N_("seconds of computing for a second of audio"), language)
    facts = (
        html(N_("{seconds:.1f} s of speech", seconds=speech.seconds), language),
        html(N_("made in {seconds:.1f} s", seconds=speech.elapsed), language),
        f"<abbr title='{rtf}'>RTF</abbr> {speech.rtf:.2f}",
        html(N_("seed {seed}", seed=speech.seed), language),
    )
    line = "".join(f"<span>{fact}</span>" for fact in facts)
    facts_line = f"<p class='facts' role='status'>{line}</p>"
    return advice(warnings, language) + facts_line + _notes(speech, language)


def _notes(speech: Speech, language: str) -> str:
    if not speech.notes:
        return ""
    between = translate(N_("; "), language)
    notes = between.join(translate(note, language) for note in speech.notes)
    return hint(html(N_("Changed before it was spoken: {notes}.", notes=notes), language))
