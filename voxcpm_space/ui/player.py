"""The player, which `assets/player.js` brings to life, and what is said of a speech beside it."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService
from voxcpm_space.compat.gradio import event_route
from voxcpm_space.engine import QueuePosition
from voxcpm_space.messages import N_, Message, ngettext, requested_language, translate
from voxcpm_space.studio import Progress, Speech
from voxcpm_space.subtitles import srt, vtt
from voxcpm_space.ui.assets import component
from voxcpm_space.ui.words import advice, bar, hint, html

_IS_PART = N_("This is a part: it ended before all of the text was spoken.")


def progress_line(progress: Progress, language: str, *, plays_later: bool) -> str:
    """Gives HTML that says how far a speech is, and whether it is played only when it is ready."""
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
    return bar(progress.part, "".join(html(one, language) for one in words), language)


def waiting_words(waiting: QueuePosition) -> Message:
    """Says how long a speech has to wait."""
    return N_(
        "Waiting: {ahead} before it, about {seconds:.0f} s",
        ahead=waiting.ahead,
        seconds=max(1, waiting.seconds),
    )


def made_words(progress: Progress) -> Message:
    """Says how much of a speech is made."""
    return N_(
        "{made:.1f} s made, of about {expected:.1f} s",
        made=progress.made,
        expected=progress.expected,
    )


def speech_line(speech: Speech, language: str) -> str:
    """Gives HTML with the facts of a finished speech, and what a listener should know."""
    warnings = (*(speech.reference.warnings if speech.reference else ()), *speech.warnings)
    if speech.is_part:
        warnings = (_IS_PART, *warnings)
    made = N_("{seconds:.1f} s of speech", seconds=speech.seconds)
    more = html(N_("Details"), language)
    rtf = html(N_("seconds of computing for a second of audio"), language)
    details = (
        html(N_("made in {seconds:.1f} s", seconds=speech.elapsed), language),
        f"<abbr title='{rtf}'>RTF</abbr> {speech.rtf:.2f}",
        html(N_("seed {seed}", seed=speech.seed), language),
        html(ngettext("{count} part", "{count} parts", len(speech.parts)), language),
    )
    return (
        f"{advice(warnings, language)}<div class='facts'>"
        f"<span role='status'>{html(made, language)}</span>"
        f"<details><summary>{more}</summary>"
        f"<p>{''.join(f'<span>{one}</span>' for one in details)}</p></details></div>"
        f"{_notes(speech, language)}"
    )


def _left_words(left: float | None) -> list[Message]:
    if left is None or left < 1:
        return []
    minutes, seconds = divmod(round(left), 60)
    if minutes:
        return [N_("; about {minutes} min {seconds} s left", minutes=minutes, seconds=seconds)]
    return [N_("; about {seconds} s left", seconds=seconds)]


def _notes(speech: Speech, language: str) -> str:
    if not speech.notes:
        return ""
    between = translate(N_("; "), language)
    notes = between.join(translate(note, language) for note in speech.notes)
    return hint(html(N_("Changed before it was spoken: {notes}.", notes=notes), language))


TRANSPORT_WORDS = {
    "play": N_("Play"),
    "pause": N_("Pause"),
    "position": N_("Position"),
    "of": N_("{at} of {all}", at="{at}", all="{all}"),
}
TRANSPORT = """<button type="button" class="play"></button>
    <div class="wave"><canvas></canvas><input type="range" min="0" step="0.1" value="0"></div>
    <span class="time"></span>"""
"""What `transport.js` brings to life, with its words."""
_WORDS = TRANSPORT_WORDS | {
    "speech": N_("Speech: {words}", words="{words}"),
    "download": N_("Download"),
    "subtitles": N_("{kind} (subtitles)", kind="{kind}"),
    "making": N_("Making {kind}…", kind="{kind}"),
    "gone": N_(
        "{kind} cannot be made any more, since the server has deleted its copy. WAV and subtitles "
        "are still here.",
        kind="{kind}",
    ),
    "lost": N_("The connection was lost while this was made. What was heard is kept here."),
    "more": N_("Show more"),
    "less": N_("Show less"),
}
_TEMPLATE = f"""
<section class="speech" hidden>
  <audio preload="metadata"></audio>
  <div class="transport">{TRANSPORT}
    <button type="button" class="toggle"><svg viewBox="0 0 24 24" aria-hidden="true"
      ><path d="M6 15l6-6 6 6" /></svg></button>
  </div>
  <p class="said" dir="auto"></p>
  <p class="note" role="status"></p>
  <div class="beside"><div class="about"></div><div class="downloads"></div></div>
</section>
"""


@dataclass(frozen=True)
class Playing:
    """What the player has; it changes as a speech goes on.

    Attributes:
        live: URL of a speech in the making; empty before it may be played.
        prebuffer_seconds: Seconds that must be in hand before it is played, also where it ran out.
        peaks: How loud it is so far, from 0 to 1, for each bar of the waveform.
        seconds: Of it that are `made`, and `expected` in all.
        muted: Whether to be silent now, since a person pressed Stop.
        file: URL of the finished speech; empty before.
        speech: What the browser keeps of it beside its audio; None before.
        start: Seconds at which the finished speech begins to play.
    """

    live: str = ""
    prebuffer_seconds: float = 0.0
    peaks: tuple[float, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    muted: bool = False
    file: str = ""
    speech: dict[str, Any] | None = None
    start: float = 0.0

    @property
    def value(self) -> str:
        """What the component takes."""
        return json.dumps(asdict(self))

    def begun_at(self, start: float) -> "Playing":
        """Gives the same, played from that second on."""
        return replace(self, start=start)


def player() -> gr.HTML:
    """Adds the player; its values are those of `Playing`."""
    return component(
        "player.js", _WORDS, value=Playing().value, html_template=_TEMPLATE, elem_classes="player"
    )


def playing_file(
    service: SpeechService, request: Request, speech: Speech, asked: dict[str, Any]
) -> Playing:
    """Gives what the player has of a finished speech, for whoever asked.

    Args:
        service: Knows where files are.
        request: The request for it.
        speech: What was made.
        asked: The tab and the values that it was made from.
    """
    told = {
        "id": speech.id,
        "text": speech.request.text,
        "seconds": speech.seconds,
        "sentences": speech.sentences,
        "parts": [part.start for part in speech.parts],
        "srt": srt(speech.sentences),
        "vtt": vtt(speech.sentences),
        "facts": speech_line(speech, requested_language(request.headers)),
    }
    link = service.link(speech, request, event_route(request))
    return Playing(file=link, speech=told | asked)
