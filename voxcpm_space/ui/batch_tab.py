"""The Batch tab: a file with a text on each line becomes a ZIP file of clips."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import gradio as gr
from gradio.components import Component

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.batch import COLUMNS, MAX_ROWS, BatchProgress, Packed, Row, make, read_rows
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_, ngettext, requested_language
from voxcpm_space.monitoring import recorded
from voxcpm_space.outputs import Outputs
from voxcpm_space.ui.generate_buttons import NOTHING_MADE, Work, connect_buttons, generate_buttons
from voxcpm_space.ui.handlers import Cancellations, answered_on_page
from voxcpm_space.ui.player import made_words, waiting_words
from voxcpm_space.ui.words import bar, hint, html, t

_FILE = t("Texts, one clip a line (.txt or .csv)")
_DESCRIPTION = t("Voice description of lines without one (optional)")
_PLACEHOLDER = t("A warm old man, slow and calm")
_DOWNLOAD = t("Download the ZIP file")
_NO_FILE = N_("There is no file. Please upload one with a text on each line.")

Updates: TypeAlias = Iterator[tuple[Any, Any]]


def batch_tab(service: SpeechService, outputs: Outputs) -> list[Component]:
    """Adds the tab's content, and returns what of it is kept in the browser."""
    file = gr.File(label=_FILE, file_types=[".txt", ".csv"], height=120, elem_classes="upload")
    about = t(
        "Up to {rows} lines. Columns of a CSV file: {column}, and where wanted {columns}.",
        rows=MAX_ROWS,
        column=COLUMNS[0],
        columns=", ".join(COLUMNS[1:]),
    )
    gr.HTML(hint(about))
    description = gr.Textbox(label=_DESCRIPTION, placeholder=_PLACEHOLDER)
    buttons = generate_buttons()
    line = gr.HTML("", elem_classes="take-line")
    download = gr.DownloadButton(_DOWNLOAD, visible=False)
    handlers = _Handlers(service, outputs)
    work = Work(
        perform=handlers.perform,
        stops=handlers.stops,
        inputs=[file, description],
        outputs=[line, download],
        line=line,
        preprocess=False,  # Gradio has checked the path; its own File leaves an empty one behind
    )
    connect_buttons(buttons, work, [buttons])
    return [description]


class _Handlers:
    """What Gradio calls for a batch."""

    def __init__(self, service: SpeechService, outputs: Outputs) -> None:
        self._service = service
        self._outputs = outputs
        self.stops = Cancellations()

    def perform(
        self, gradio_request: gr.Request, file: dict[str, Any] | None, description: str
    ) -> Updates:
        """Makes the clips: updates of the line and of the download."""
        language = requested_language(gradio_request.headers)
        with (
            recorded("page", "batch"),
            answered_on_page(language),
            self.stops.watched(gradio_request) as stop,
            self._service.batch(http_request(gradio_request)) as batch,
        ):
            rows = _rows(file, description)
            speak = partial(
                self._service.speak,
                http_request(gradio_request),
                stop_requested=stop.is_asked,
                batch=batch,
            )
            with closing(make(rows, speak, self._outputs, stop.is_asked)) as events:
                for event in events:
                    if isinstance(event, Packed):
                        batch.settle(batch.made)
                        yield (
                            hint(_facts(event, language)),
                            gr.update(value=event.path, visible=True),
                        )
                        return
                    stop.has_sound = event.made > 0 or bool(event.speech and event.speech.made)
                    yield _progress_line(event, language), gr.skip()
            yield NOTHING_MADE, gr.skip()


def _rows(file: dict[str, Any] | None, description: str) -> list[Row]:
    if not file:
        raise InputError(_NO_FILE)
    default = {"voice_description": description}
    rows = read_rows(Path(file["path"]))
    return [replace(row, fields={**default, **row.fields}) for row in rows]


def _progress_line(progress: BatchProgress, language: str) -> str:
    speech = progress.speech
    of_clip = speech.part if speech else 0.0
    part = (progress.clip - 1 + of_clip) / progress.clips
    text = N_("waiting, since there were many requests")
    if speech and speech.waiting:
        text = waiting_words(speech.waiting)
    elif speech:
        text = made_words(speech)
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
