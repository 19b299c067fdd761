"""The list of a batch's clips, which `assets/batch.js` shows, and the line above it."""

from collections.abc import Sequence
from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService
from voxcpm_space.batch import BatchProgress, Outcome, Packed, Row
from voxcpm_space.compat.gradio import event_route
from voxcpm_space.messages import N_, ngettext, requested_language, translate
from voxcpm_space.ui.assets import component
from voxcpm_space.ui.player import made_words, waiting_words
from voxcpm_space.ui.words import bar, hint, html

_SHOWN_CHARACTERS = 200
_WORDS = {
    "clips": N_("Clips"),
    "play": N_("Play: {words}", words="{words}"),
    "pause": N_("Pause"),
    "waiting": N_("waiting"),
    "making": N_("being made"),
}


def batch_list() -> gr.HTML:
    """Adds the list; its value is a dict, of which Gradio sends only what changes."""
    return component(
        "batch.js", _WORDS, value={"rows": []}, html_template="<ol></ol>", elem_classes="clips"
    )


class BatchList:
    """What one visitor sees of a batch."""

    def __init__(self, service: SpeechService, request: Request, rows: Sequence[Row]) -> None:
        """Starts with nothing made.

        Args:
            service: Knows where the clips are.
            request: The request for the batch.
            rows: What is to be made.
        """
        self._service = service
        self._request = request
        self._language = requested_language(request.headers)
        self._rows = [listed(row) for row in rows]

    @property
    def _list(self) -> dict[str, Any]:
        return {"rows": [dict(row) for row in self._rows]}

    def progressed(self, progress: BatchProgress) -> tuple[Any, ...]:
        """Gives updates for a step; of the list only where it changes."""
        row = self._rows[progress.clip - 1]
        state = self._state(progress.outcome) if progress.outcome else {"state": "making"}
        is_new = row["state"] != state["state"]
        row.update(state)
        line = _progress_line(progress, self._language)
        clips = self._list if is_new else gr.skip()
        hidden = gr.update(visible=False)
        return line, clips, hidden, hidden, gr.skip()

    def packed(self, packed: Packed) -> tuple[Any, ...]:
        """Gives updates for the end."""
        download = gr.update(value=packed.path, visible=True)
        again = gr.update(visible=any(row["state"] != "made" for row in self._rows))
        line = hint(_facts(packed, self._language))
        clips = {**self._list, "zip": packed.path.name}
        return line, clips, download, again, packed.path.name

    def _state(self, outcome: Outcome) -> dict[str, Any]:
        why, url = translate(outcome.problem, self._language), ""
        if outcome.speech:
            url = self._service.link(outcome.speech, self._request, event_route(self._request))
        told = {"file": outcome.file, "seconds": outcome.seconds, "url": url, "why": why}
        return {"state": "failed" if why else "made", **told}


def listed(row: Row) -> dict[str, Any]:
    """Gives what the list shows of a line."""
    text = str(row.fields.get("text", ""))[:_SHOWN_CHARACTERS]
    return {"text": text, "name": row.name, "state": "waiting", "why": "", "file": "", "url": ""}


def _progress_line(progress: BatchProgress, language: str) -> str:
    speech = progress.speech
    of_clip = 1.0 if progress.outcome else speech.part if speech else 0.0
    part = (progress.clip - 1 + of_clip) / progress.clips
    text = N_("waiting, since there were many requests")
    if speech and speech.waiting:
        text = waiting_words(speech.waiting)
    elif speech:
        text = made_words(speech)
    elif progress.outcome:
        text = N_("done")
    clip = N_("Clip {number} of {all}: ", number=progress.clip, all=progress.clips)
    return bar(part, html(clip, language) + html(text, language), language)


def _facts(packed: Packed, language: str) -> str:
    if packed.made == packed.lines:
        made = ngettext("The only clip is made.", "All {count} clips are made.", packed.made)
        return html(made, language)
    made = N_(
        "{made} of {lines} clips are made. settings.csv says what became of the others.",
        made=packed.made,
        lines=packed.lines,
    )
    return html(made, language)
