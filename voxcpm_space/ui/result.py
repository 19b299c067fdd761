"""The result, whichever tab it is from: the player, and what can be done with a speech."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, TypeAlias

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.monitoring import recorded
from voxcpm_space.pace import Pace
from voxcpm_space.pictures import speech_picture
from voxcpm_space.schemas import MAX_SEED, CloningRequest, SpeechRequest
from voxcpm_space.studio import Events, Speech
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.generate_buttons import Cancellations, Stop, Work, connect_again
from voxcpm_space.ui.generation import Result, SpeechTab, shown_as_it_is_made
from voxcpm_space.ui.keep_voice import keep_voice_row
from voxcpm_space.ui.player import player, playing_file, progress_line
from voxcpm_space.ui.words import AT_ONCE, answered_on_page, clock, figure, t

_PICTURES_AT_ONCE = 2
"""A speech of 20 minutes takes seconds to read."""
_SHOWN_CHARACTERS = 36

_Updates: TypeAlias = Iterator[tuple[Any, Any, Any]]
_TAKES = "takes.js"
_TAKES_WORDS = {
    "takes": N_("Takes of this text"),
    "take": N_("Take {number}", number="{number}"),
}


def result_panel() -> Result:
    """Adds player and line, and what tells the rest which speech they show."""
    audio = player()
    line = gr.HTML("", elem_classes="take-line")
    refused = gr.Textbox(visible="hidden", label="refused")
    refused.change(None, refused, None, js=call("errors.js", "refused"), **AT_ONCE)
    return Result(audio, line, gr.Textbox(visible="hidden", label="id"), refused)


def result_actions(
    service: SpeechService, result: Result, tabs: Sequence[SpeechTab], own: gr.BrowserState
) -> None:
    """Adds what can be done with a speech, there while the server has it."""
    with gr.Column(visible=False, elem_classes="actions") as beside:
        another = _takes_row(result)
        with gr.Accordion(t("Redo a part"), open=False, visible=False) as redo:
            part = gr.Dropdown([], label=t("Part"), info=t("Only this part is made again."))
            again = gr.Button(t("Redo this part"), size="md")
        keep_row = keep_voice_row(service, result, own, tabs)
        with gr.Accordion(t("Waveform and pitch"), open=False) as folded:
            picture = gr.HTML(min_height=150)

    def show(speech_id: str, chosen: int | None) -> tuple[Any, ...]:
        speech = service.find(speech_id)
        choices = _parts(speech)
        number = chosen if chosen and chosen <= len(choices) else 1
        return (
            gr.Column(visible=bool(speech)),
            gr.Accordion(visible=len(choices) > 1),
            gr.Dropdown(choices, value=number if choices else None),
            gr.Accordion(visible=bool(speech and speech.voice)),
            gr.Accordion(open=False),
            "",
        )

    shown = [beside, redo, part, keep_row, folded, picture]
    result.speech.change(show, [result.speech, part], shown, **AT_ONCE)
    part.input(None, part, None, js=call("player.js", "playPart"), **AT_ONCE)
    stops = Cancellations()
    perform = _performing(service, tabs, stops)
    outputs = [result.audio, result.line, result.speech]
    work = Work(perform, stops, [result.speech, part], outputs, result.line)
    connect_again(again, work, [tab.buttons for tab in tabs])
    _connect_takes(service, result, tabs, another)
    folded.expand(
        _drawing(service),
        inputs=result.speech,
        outputs=picture,
        show_progress="minimal",
        concurrency_limit=_PICTURES_AT_ONCE,
        api_visibility="private",
    )


def _drawing(service: SpeechService) -> Callable[..., str]:
    """Gives the handler that draws a speech when somebody wants to see it."""

    def draw(gradio_request: gr.Request, speech_id: str) -> str:
        request = http_request(gradio_request)
        language = requested_language(request.headers)
        with answered_on_page(language):
            clip = service.speech(request, speech_id).reference
            samples = service.samples(request, speech_id)
            return figure(speech_picture(samples, clip.samples if clip else None), language)

    return draw


def _parts(speech: Speech | None) -> list[tuple[str, int]]:
    """Gives what tells the parts apart: when each is heard, and its first words."""
    return [
        (f"{number}  ·  {clock(part.start)}  ·  {_first_words(part.text)}", number)
        for number, part in enumerate(speech.parts if speech else (), start=1)
    ]


def _first_words(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _SHOWN_CHARACTERS:
        return line
    return f"{line[:_SHOWN_CHARACTERS].rpartition(' ')[0] or line[:_SHOWN_CHARACTERS]}…"


def _performing(
    service: SpeechService, tabs: Sequence[SpeechTab], stops: Cancellations
) -> Callable[..., _Updates]:
    """Gives the handler that shows the work as it goes on: updates of audio, line and speech."""

    def perform(gradio_request: gr.Request, speech_id: str, part: int) -> _Updates:
        request = http_request(gradio_request)
        language = requested_language(request.headers)
        tab = _tab_of(service.find(speech_id), tabs)
        with (
            recorded("page", tab.name),
            answered_on_page(language),
            stops.watched(gradio_request) as stop,
        ):
            events = service.regenerate(request, speech_id, part, stop_requested=stop.is_asked)
            with closing(events):
                for event in events:
                    if isinstance(event, Speech):
                        held = playing_file(service, request, event, tab.asked(event))
                        yield held.begun_at(event.parts[part - 1].start).value, "", event.id
                        return
                    line = progress_line(event, language, plays_later=False)
                    yield gr.skip(), line, gr.skip()

    return perform


def _takes_row(result: Result) -> gr.Button:
    """Adds the takes that the browser has of the text that is shown, and the button for another."""
    component(
        _TAKES,
        _TAKES_WORDS,
        value="",
        html_template="<div role='group'></div>",
        elem_classes="takes",
    )
    result.speech.change(None, result.speech, None, js=call(_TAKES, "shown"), **AT_ONCE)
    return gr.Button(t("Another take"), elem_classes="quiet")


def _connect_takes(
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

        tab = _tab_of(speech, tabs)
        updates = shown_as_it_is_made(service, gradio_request, tab, (pace, stops), start)
        for played, line, _, made in updates:
            yield played, line, made

    outputs = [result.audio, result.line, result.speech]
    work = Work(perform, stops, [result.speech], outputs, result.line)
    connect_again(another, work, [tab.buttons for tab in tabs], begin="another")


def _tab_of(speech: Speech | None, tabs: Sequence[SpeechTab]) -> SpeechTab:
    """Gives the tab on which a speech can be asked for again."""
    request = speech.request if speech else None
    name = "voice-cloning" if isinstance(request, CloningRequest) else "text-to-speech"
    if isinstance(request, SpeechRequest) and request.voices is not None:
        name = "dialogue"
    return next(tab for tab in tabs if tab.name == name)
