"""The last speeches of this visit, each with what it was made from."""

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.messages import requested_language
from voxcpm_space.studio import Speech
from voxcpm_space.ui.generation import Result
from voxcpm_space.ui.handlers import AT_ONCE, QUIETLY, answered_on_page
from voxcpm_space.ui.live_playback import playing_file
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
        partial(_with_the_new_one, service),
        inputs=[result.speech, kept],
        outputs=[kept, choice],
        **AT_ONCE,
    )

    def put_back(gradio_request: gr.Request, chosen: str) -> list[object]:
        language = requested_language(gradio_request.headers)
        with answered_on_page(language):
            request = http_request(gradio_request)
            speech = service.speech(request, chosen)
            held = playing_file(service, request, speech).value
        return [held, speech_line(speech, language), speech.id, *values(speech.request)]

    choice.input(
        put_back,
        inputs=choice,
        outputs=[result.audio, result.line, result.speech, *fields],
        **QUIETLY,
    )


def _with_the_new_one(
    service: SpeechService, speech_id: str, kept: list[tuple[str, str]]
) -> tuple[list[tuple[str, str]], gr.Dropdown]:
    """Updates of list and choice; what was put back is there already.

    Args:
        service: Knows the speech.
        speech_id: Of the new one; empty while there is none.
        kept: Name and id of each, the newest first.
    """
    speech = service.find(speech_id)
    if speech and all(speech_id != other for _, other in kept):
        kept = [(_name(speech), speech_id), *kept][:_MOST]
    return kept, gr.Dropdown(kept, value=speech_id or None, visible=len(kept) > 1)


def _name(speech: Speech) -> str:
    return f"{first_words(speech.request.text)} ({speech.seconds:.1f} s, {_SEED} {speech.seed})"
