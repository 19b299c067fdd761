"""The last speeches of this visit, each with what it was made from."""

from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.components import Component

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.errors import InputError
from voxcpm_space.studio import Speech
from voxcpm_space.ui.answers import answered_on_page
from voxcpm_space.ui.events import AT_ONCE, QUIETLY
from voxcpm_space.ui.generation import GONE, Result
from voxcpm_space.ui.live_playback import holding
from voxcpm_space.ui.status_line import first_words, speech_line
from voxcpm_space.ui.words import t

_MOST = 8
_LABEL = t("Earlier in this visit")
_SEED = t("seed")
_INFO = t("Puts a speech back, with its text and settings.")


def speech_history(
    service: SpeechService,
    result: Result,
    fields: list[Component],
    values: Callable[[Any], list[object]],
) -> None:
    """Adds the list, hidden while there is nothing to go back to.

    Args:
        service: Knows where files are.
        result: Where a speech is put back.
        fields: What it was made from.
        values: Gives those of a request, in the order of `fields`.
    """
    kept = gr.State([], time_to_live=service.studio.settings.keep_seconds)
    choice = gr.Dropdown([], label=_LABEL, info=_INFO, visible=False)
    result.speech.change(
        _with_the_new_one,
        inputs=[result.speech, kept],
        outputs=[kept, choice],
        **AT_ONCE,
    )

    def put_back(gradio_request: gr.Request, kept: list[Speech], chosen: int) -> list[object]:
        with answered_on_page():
            if chosen not in range(len(kept)) or not kept[chosen].path.exists():
                raise InputError(GONE)
            speech = kept[chosen]
            held = holding(service, http_request(gradio_request), speech).value
        return [held, speech_line(speech), speech, *values(speech.request)]

    choice.input(
        put_back,
        inputs=[kept, choice],
        outputs=[result.audio, result.line, result.speech, *fields],
        **QUIETLY,
    )


def _with_the_new_one(
    speech: Speech | None, kept: list[Speech]
) -> tuple[list[Speech], gr.Dropdown]:
    """Updates of list and choice; what was put back is there already."""
    if speech is not None and all(speech.path != other.path for other in kept):
        kept = [speech, *kept][:_MOST]
    choices = [(_name(one), number) for number, one in enumerate(kept)]
    shown = [one.path for one in kept].index(speech.path) if speech else None
    return kept, gr.Dropdown(choices, value=shown, visible=len(kept) > 1)


def _name(speech: Speech) -> str:
    return f"{first_words(speech.request.text)} ({speech.seconds:.1f} s, {_SEED} {speech.seed})"
