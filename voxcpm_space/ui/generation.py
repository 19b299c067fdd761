"""A speech from the button to the player, the same on all tabs."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias

import gradio as gr
from fastapi import Request
from gradio.components import Component

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.errors import InputError
from voxcpm_space.messages import requested_language
from voxcpm_space.monitoring import recorded
from voxcpm_space.pace import Pace
from voxcpm_space.schemas import Operation
from voxcpm_space.studio import Events, Speech
from voxcpm_space.ui.generate_buttons import (
    NOTHING_MADE,
    Buttons,
    Cancellations,
    Stop,
    Work,
    connect_buttons,
)
from voxcpm_space.ui.player import LivePlayback, progress_line
from voxcpm_space.ui.voices import VoicePicker
from voxcpm_space.ui.words import answered_on_page

Shown: TypeAlias = Iterator[tuple[Any, Any, Any, Any]]
"""Of the audio, the line, the seed and the speech."""
Updates: TypeAlias = Iterator[tuple[Any, Any, Any, Any, Any]]
"""Of the same, and of what is wrong with a field."""


@dataclass(frozen=True)
class SpeechTab:
    """A tab that makes speeches.

    Attributes:
        name: What operators see its requests as; also its id.
        buttons: Start and end.
        inputs: Components whose values `events` takes.
        fields: Gives the fields of a request; takes the HTTP request and the values of `inputs`.
        operation: What is asked for.
        kept: Components that a speech can be put back into, the text first.
        values: Gives the values of `kept` with which a request was made.
        seed: Shows the seed of the last speech.
        voices: Where one of the visitor's voices is chosen; None where none can be.
        source: Where that way to give a voice is, where there are others.
    """

    name: str
    buttons: Buttons
    inputs: list[Component]
    fields: Callable[..., dict[str, object]]
    operation: Operation
    kept: list[Component]
    values: Callable[[Any], list[object]]
    seed: gr.Number
    voices: VoicePicker | None = None
    source: gr.Radio | None = None

    def asked(self, speech: Speech) -> dict[str, Any]:
        """Gives what is kept with a speech: the tab and the values that it was made from."""
        return {"tab": self.name, "values": self.values(speech.request)}


@dataclass(frozen=True)
class Result:
    """Where a speech is shown, whichever tab it is from.

    Attributes:
        audio: The player, whose values are those of `Playing`.
        line: How far a speech is.
        speech: Id of the finished speech; empty before. What is shown beside it follows it.
        refused: What was wrong with a field, for `assets/errors.js`.
    """

    audio: gr.HTML
    line: gr.HTML
    speech: gr.Textbox
    refused: gr.Textbox


def connect(
    service: SpeechService, tab: SpeechTab, result: Result, tabs: Sequence[SpeechTab]
) -> None:
    """Makes Generate start a speech and Stop end it.

    Args:
        service: Gives what is made.
        tab: Where they are.
        result: Where progress and speech are shown.
        tabs: All of them, which share the result.
    """
    stops = Cancellations()
    work = Work(
        perform=_performing(service, tab, stops),
        stops=stops,
        inputs=tab.inputs,
        outputs=[result.audio, result.line, tab.seed, result.speech, result.refused],
        line=result.line,
        tab=tab.name,
        kept=tab.kept,
    )
    connect_buttons(tab.buttons, work, [each.buttons for each in tabs])


def _performing(
    service: SpeechService, tab: SpeechTab, stops: Cancellations
) -> Callable[..., Updates]:
    """Gives the handler that shows a speech as it goes on: updates of what `connect` says."""
    pace = Pace()

    def perform(gradio_request: gr.Request, *values: Any) -> Updates:
        def start(request: Request, stop: Stop) -> Events:
            how: dict[str, Any] = {"streamed": pace.keeps_up, "stop_requested": stop.is_asked}
            speak = service.speak if tab.operation == "text-to-speech" else service.clone
            return speak(request, tab.fields(request, *values), **how)

        for shown in shown_as_it_is_made(service, gradio_request, tab, (pace, stops), start):
            yield *shown, gr.skip()

    return _refusing(perform)


def _refusing(perform: Callable[..., Updates]) -> Callable[..., Updates]:
    """Lets a handler say what is wrong with a field there, and not in a toast."""

    def answered(gradio_request: gr.Request, *values: Any) -> Updates:
        try:
            yield from perform(gradio_request, *values)
        except gr.Error as error:
            cause = error.__cause__
            if not (isinstance(cause, InputError) and cause.field):
                raise
            told = {"field": cause.field, "sentence": error.message, "turn": time.monotonic_ns()}
            yield gr.skip(), "", gr.skip(), gr.skip(), json.dumps(told)

    return answered


def shown_as_it_is_made(
    service: SpeechService,
    gradio_request: gr.Request,
    tab: SpeechTab,
    state: tuple[Pace, Cancellations],
    start: Callable[[Request, Stop], Events],
) -> Shown:
    """Shows a speech as it goes on.

    Args:
        service: Gives what is made.
        gradio_request: The request for it.
        tab: To which it belongs.
        state: How fast speeches are made here, and who wants to stop one.
        start: Begins it.
    """
    pace, stops = state
    request = http_request(gradio_request)
    language = requested_language(request.headers)
    with (
        recorded("page", tab.name),
        answered_on_page(language),
        stops.watched(gradio_request) as stop,
        service.live.opened() as live,
        closing(start(request, stop)) as events,
    ):
        playback = LivePlayback(service, request, live)
        for event in events:
            if isinstance(event, Speech):
                pace.learn(event.seconds, playback.running_rtf.value)
                played = playback.finished(event, tab.asked(event), muted=stop.is_asked())
                yield played, "", event.seed, event.id
                return
            stop.has_sound = event.made > 0
            played = playback.progressed(event)
            line = progress_line(event, language, plays_later=playback.waits_for_the_end)
            # The speech before stays until there is sound of this one.
            yield played, line, gr.skip(), "" if playback.is_heard else gr.skip()
        yield gr.skip(), NOTHING_MADE, gr.skip(), gr.skip()
