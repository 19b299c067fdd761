"""The Batch tab: a file with a text on each line becomes a ZIP file of clips."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import gradio as gr
from fastapi import Request
from gradio.components import Component

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.batch import (
    MAX_ROWS,
    BatchProgress,
    Outcome,
    Packed,
    Row,
    make,
    read_archive,
    read_rows,
)
from voxcpm_space.compat.gradio import event_route
from voxcpm_space.errors import InputError
from voxcpm_space.examples import EXAMPLES
from voxcpm_space.messages import N_, requested_language, translate
from voxcpm_space.monitoring import recorded
from voxcpm_space.outputs import Outputs
from voxcpm_space.ui.assets import component
from voxcpm_space.ui.generate_buttons import (
    NOTHING_MADE,
    Cancellations,
    Work,
    connect_again,
    connect_buttons,
    generate_buttons,
)
from voxcpm_space.ui.words import AT_ONCE, advice, answered_on_page, bar, hint, html, t

_FILE = t("Texts, one clip a line (.txt or .csv)")
_DESCRIPTION = t("Voice description of lines without one (optional)")
_PLACEHOLDER = t("A warm old man, slow and calm")
_NO_FILE = N_("There is no file. Please upload one with a text on each line.")
_EXAMPLE = EXAMPLES / "batch.csv"
_SHOWN_CHARACTERS = 200
_WORDS = {
    "clips": N_("Clips"),
    "play": N_("Play: {words}", words="{words}"),
    "pause": N_("Pause"),
    "waiting": N_("waiting"),
    "making": N_("being made"),
}
Updates: TypeAlias = Iterator[tuple[Any, ...]]
"""Of the line, the list, the download, the button that makes failures again, and the ZIP file."""


def batch_tab(service: SpeechService, outputs: Outputs) -> list[Component]:
    """Adds the tab's content, and returns what of it is kept in the browser."""
    file = gr.File(label=_FILE, file_types=[".txt", ".csv"], height=150, elem_classes="upload")
    about = t("Up to {rows} lines. CSV columns: see the example.", rows=MAX_ROWS)
    gr.HTML(hint(about), elem_classes="batch-columns")
    gr.DownloadButton(t("Download an example file"), value=_EXAMPLE, elem_classes="quiet")
    description = gr.Textbox(label=_DESCRIPTION, placeholder=_PLACEHOLDER)
    buttons = generate_buttons()
    line = gr.HTML("", elem_classes="take-line")
    # Its value is a dict, of which Gradio sends only what changes.
    clips = component(
        "batch.js", _WORDS, value={"rows": []}, html_template="<ol></ol>", elem_classes="clips"
    )
    with gr.Row():
        download = gr.DownloadButton(t("Download the ZIP file"), size="md", visible=False)
        again = gr.Button(t("Make the failing lines again"), size="md", visible=False)
    made = gr.Textbox(visible=False)
    handlers = _Handlers(service, outputs)
    work = Work(
        perform=handlers.perform,
        stops=handlers.stops,
        inputs=[file, description],
        outputs=[line, clips, download, again, made],
        line=line,
        preprocess=False,  # Gradio has checked the path; its own File leaves an empty one behind
    )
    connect_buttons(buttons, work, [buttons])
    connect_again(again, replace(work, perform=handlers.perform_again, inputs=[made]), [buttons])
    shown: list[Component] = [line, clips, download, again]
    file.change(handlers.look, file, shown, preprocess=False, **AT_ONCE)
    return [description]


class _Handlers:
    """What Gradio calls for a batch."""

    def __init__(self, service: SpeechService, outputs: Outputs) -> None:
        self._service = service
        self._outputs = outputs
        self.stops = Cancellations()

    def look(self, gradio_request: gr.Request, file: dict[str, Any] | None) -> tuple[Any, ...]:
        """Lists the lines of a file, or says what is wrong with it."""
        hidden = gr.update(visible=False)
        try:
            rows = read_rows(Path(file["path"])) if file else []
        except InputError as error:
            language = requested_language(gradio_request.headers)
            return advice([error.message], language), {"rows": []}, hidden, hidden
        return "", {"rows": [_listed(row) for row in rows]}, hidden, hidden

    def perform(
        self, gradio_request: gr.Request, file: dict[str, Any] | None, description: str
    ) -> Updates:
        """Makes the clips."""
        with answered_on_page(requested_language(gradio_request.headers)):
            if not file:
                raise InputError(_NO_FILE)
            rows = read_rows(Path(file["path"]), voice_description=description)
        yield from self._made(gradio_request, rows)

    def perform_again(self, gradio_request: gr.Request, made: str) -> Updates:
        """Makes the clips that a ZIP file lacks."""
        with answered_on_page(requested_language(gradio_request.headers)):
            earlier = self._outputs.find(made)
            if earlier is None:
                raise self._outputs.expired()
            rows = read_archive(earlier)
        yield from self._made(gradio_request, rows, earlier)

    def _made(
        self, gradio_request: gr.Request, rows: Sequence[Row], earlier: Path | None = None
    ) -> Updates:
        request = http_request(gradio_request)
        language = requested_language(gradio_request.headers)
        shown = _BatchList(self._service, request, rows)
        with (
            recorded("page", "batch"),
            answered_on_page(language),
            self.stops.watched(gradio_request) as stop,
            self._service.batch(request) as batch,
        ):
            speak = partial(self._service.speak, request, stop_requested=stop.is_asked, batch=batch)
            making = make(rows, speak, self._outputs, stop.is_asked, earlier)
            with closing(making) as events:
                for event in events:
                    if isinstance(event, Packed):
                        batch.settle(batch.made)
                        yield shown.packed(event)
                        return
                    stop.has_sound = event.made > 0 or bool(event.speech and event.speech.made)
                    batch.due = batch.made
                    yield shown.progressed(event)
            yield NOTHING_MADE, *[gr.skip()] * 4


class _BatchList:
    """What one visitor sees of a batch."""

    def __init__(self, service: SpeechService, request: Request, rows: Sequence[Row]) -> None:
        self._service = service
        self._request = request
        self._language = requested_language(request.headers)
        self._rows = [_listed(row) for row in rows]

    @property
    def _list(self) -> dict[str, Any]:
        return {"rows": [dict(row) for row in self._rows]}

    def progressed(self, progress: BatchProgress) -> tuple[Any, ...]:
        """Gives updates for a step; of the list only where it changes."""
        row = self._rows[progress.clip - 1]
        state = self._state(progress.outcome) if progress.outcome else {"state": "making"}
        is_new = row["state"] != state["state"]
        row.update(state)
        said = "".join(html(one, self._language) for one in progress.messages)
        line = bar(progress.part, said, self._language)
        clips = self._list if is_new else gr.skip()
        hidden = gr.update(visible=False)
        return line, clips, hidden, hidden, gr.skip()

    def packed(self, packed: Packed) -> tuple[Any, ...]:
        """Gives updates for the end."""
        download = gr.update(value=packed.path, visible=True)
        again = gr.update(visible=any(row["state"] != "made" for row in self._rows))
        line = hint(html(packed.message, self._language))
        clips = {**self._list, "zip": packed.path.name}
        return line, clips, download, again, packed.path.name

    def _state(self, outcome: Outcome) -> dict[str, Any]:
        why, url = translate(outcome.problem, self._language), ""
        if outcome.speech:
            url = self._service.link(outcome.speech, self._request, event_route(self._request))
        told = {"file": outcome.file, "seconds": outcome.seconds, "url": url, "why": why}
        return {"state": "failed" if why else "made", **told}


def _listed(row: Row) -> dict[str, Any]:
    """Gives what the list shows of a line."""
    text = str(row.fields.get("text", ""))[:_SHOWN_CHARACTERS]
    return {"text": text, "name": row.name, "state": "waiting", "why": "", "file": "", "url": ""}
