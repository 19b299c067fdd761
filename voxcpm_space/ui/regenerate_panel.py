"""One part of the finished speech made again, where only that one is not as it should be."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any, TypeAlias

import gradio as gr

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.messages import requested_language
from voxcpm_space.monitoring import recorded
from voxcpm_space.studio import Speech
from voxcpm_space.ui.cancellation import Cancellations
from voxcpm_space.ui.generate_buttons import Buttons
from voxcpm_space.ui.generation import Result
from voxcpm_space.ui.handlers import AT_ONCE, QUIETLY, answered_on_page
from voxcpm_space.ui.live_playback import playing_file
from voxcpm_space.ui.status_line import first_words, progress_line, speech_line
from voxcpm_space.ui.words import t

_LABEL = t("A part that is not right")
_INFO = t("It is made again with another seed, in the same voice; the rest stays as it is.")
_BUTTON = t("Make this part again")

_Updates: TypeAlias = Iterator[tuple[Any, Any, Any]]


def regenerate_panel(
    service: SpeechService, buttons: Buttons, result: Result, operation: str
) -> None:
    """Adds the list of the parts and the button, for speeches of several parts.

    Args:
        service: Makes the part.
        buttons: The tab's; its Stop leaves the speech as it was.
        result: Where the new speech takes the place of the old one.
        operation: What operators see it as.
    """
    with gr.Column(visible=False) as panel:
        part = gr.Dropdown([], label=_LABEL, info=_INFO)
        again = gr.Button(_BUTTON, size="md")
    result.speech.change(
        partial(_parts, service), inputs=[result.speech, part], outputs=[panel, part], **AT_ONCE
    )
    every = [buttons.generate, buttons.stop, again]
    clicked = again.click(
        lambda: (*Buttons.states(running=True), gr.Button(interactive=False)),
        outputs=every,
        **AT_ONCE,
    )
    stops = Cancellations()
    regenerated = clicked.then(
        _performing(service, operation, stops),
        inputs=[result.speech, part],
        outputs=[result.audio, result.line, result.speech],
        **QUIETLY,
    )
    regenerated.success(_can_be_pressed, outputs=every, **AT_ONCE)
    regenerated.failure(
        _failing(service),
        inputs=result.speech,
        outputs=[*every, result.line],
        **AT_ONCE,
    )
    buttons.stop.click(stops.ask, outputs=buttons.stop, **AT_ONCE)


def _can_be_pressed() -> tuple[gr.Button, gr.Button, gr.Button]:
    return *Buttons.states(running=False), gr.Button(interactive=True)


def _parts(
    service: SpeechService, speech_id: str, chosen: int | None
) -> tuple[gr.Column, gr.Dropdown]:
    """Updates of panel and list; a part that was made again stays chosen."""
    speech = service.find(speech_id)
    parts = speech.parts if speech else ()
    if len(parts) < 2:  # noqa: PLR2004
        return gr.Column(visible=False), gr.Dropdown([], value=None)
    choices = [
        (f"{number}: {first_words(part.text)}", number)
        for number, part in enumerate(parts, start=1)
    ]
    return gr.Column(visible=True), gr.Dropdown(choices, value=chosen or 1)


def _failing(service: SpeechService) -> Callable[..., Any]:
    """Gives the handler of a failure: updates of buttons and line; the speech is as it was."""

    def failed(gradio_request: gr.Request, speech_id: str) -> tuple[Any, ...]:
        language, speech = requested_language(gradio_request.headers), service.find(speech_id)
        return *_can_be_pressed(), speech_line(speech, language) if speech else ""

    return failed


def _performing(service: SpeechService, operation: str, stops: Cancellations) -> Any:
    """Gives the handler that shows the work as it goes on: updates of audio, line and speech."""

    def perform(gradio_request: gr.Request, speech_id: str, part: int) -> _Updates:
        request = http_request(gradio_request)
        language = requested_language(request.headers)
        with (
            recorded("page", operation),
            answered_on_page(language),
            stops.watched(gradio_request) as stop,
        ):
            speech = service.speech(request, speech_id)
            events = service.regenerate(request, speech_id, part, stop_requested=stop.is_asked)
            with closing(events):
                for event in events:
                    if isinstance(event, Speech):
                        held = playing_file(service, request, event).value
                        yield held, speech_line(event, language), event.id
                        return
                    line = progress_line(event, language, plays_later=False)
                    yield gr.skip(), line, gr.skip()
            yield gr.skip(), speech_line(speech, language), gr.skip()

    return perform
