"""Takes of one text: another one of what is shown, and those in the browser beside each other."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.pace import Pace
from voxcpm_space.schemas import MAX_SEED, CloningRequest, SpeechRequest
from voxcpm_space.studio import Events
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.generate_buttons import Work, connect_again
from voxcpm_space.ui.generation import Result, SpeechTab, shown_as_it_is_made
from voxcpm_space.ui.handlers import AT_ONCE, Cancellations, Stop, answered_on_page
from voxcpm_space.ui.words import t

_MODULE = "takes.js"
_WORDS = {
    "takes": N_("Takes of this text"),
    "take": N_("Take {number}", number="{number}"),
}


def takes_row(result: Result) -> gr.Button:
    """Adds the takes that the browser has of the text that is shown, and the button for another."""
    component(
        _MODULE, _WORDS, value="", html_template="<div role='group'></div>", elem_classes="takes"
    )
    result.speech.change(None, result.speech, None, js=call(_MODULE, "shown"), **AT_ONCE)
    return gr.Button(t("Another take"), elem_classes="quiet")


def connect_takes(
    service: SpeechService, result: Result, tabs: Sequence[SpeechTab], another: gr.Button
) -> None:
    """Makes the button speak what is shown once more, with another seed."""
    pace, stops = Pace(), Cancellations()

    def perform(gradio_request: gr.Request, speech_id: str) -> Iterator[tuple[Any, ...]]:
        with answered_on_page(requested_language(gradio_request.headers)):
            speech = service.speech(http_request(gradio_request), speech_id)
        wanted = speech.request.model_copy(update={"seed": secrets.randbelow(MAX_SEED + 1)})

        def start(request: Request, stop: Stop) -> Events:
            how: dict[str, Any] = {"streamed": pace.keeps_up, "stop_requested": stop.is_asked}
            if isinstance(wanted, CloningRequest):
                return service.clone(request, wanted, **how)
            assert isinstance(wanted, SpeechRequest)
            return service.speak(request, wanted, **how)

        tab = next(each for each in tabs if each.name == tab_of(speech.request))
        updates = shown_as_it_is_made(service, gradio_request, tab, (pace, stops), start)
        for played, line, _, made in updates:
            yield played, line, made

    work = Work(
        perform=perform,
        stops=stops,
        inputs=[result.speech],
        outputs=[result.audio, result.line, result.speech],
        line=result.line,
    )
    connect_again(another, work, [tab.buttons for tab in tabs], begin="another")


def tab_of(request: object) -> str:
    """Gives the name of the tab on which a request can be set."""
    if isinstance(request, SpeechRequest) and request.voices is not None:
        return "dialogue"
    return "voice-cloning" if isinstance(request, CloningRequest) else "text-to-speech"
