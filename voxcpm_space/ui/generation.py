"""A speech from the button to the player, the same on both tabs."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

import gradio as gr
from gradio.components import Component

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.messages import requested_language
from voxcpm_space.monitoring import recorded
from voxcpm_space.studio import Events, Speech, StopRequested
from voxcpm_space.ui.cancellation import Cancellations, Stop
from voxcpm_space.ui.generate_buttons import NOTHING_MADE, Buttons, Work, connect_buttons
from voxcpm_space.ui.handlers import answered_on_page
from voxcpm_space.ui.live_playback import LivePlayback, Pace
from voxcpm_space.ui.player import Playing, player
from voxcpm_space.ui.status_line import hint, progress_line, speech_line
from voxcpm_space.ui.words import t

Updates: TypeAlias = Iterator[tuple[Any, Any, Any, Any]]


class How(TypedDict):
    """How a speech is made, for the service.

    Attributes:
        streamed: Whether the audio goes out while it is made.
        stop_requested: Tells whether Stop was pressed.
    """

    streamed: bool
    stop_requested: StopRequested


@dataclass(frozen=True)
class Start:
    """What Generate starts.

    Attributes:
        operation: What operators see it as.
        inputs: The tab's own and its advanced ones.
        events: Gives the events of a speech; takes the HTTP request, how it is made, and the values
            of `inputs`.
    """

    operation: str
    inputs: list[Component]
    events: Callable[..., Events]


@dataclass(frozen=True)
class Result:
    """Where a speech is shown.

    Attributes:
        audio: The player, whose values are those of `Playing`.
        line: Progress, then facts.
        seed: The speech's seed.
        speech: Id of the finished speech; empty before. What is shown beside it follows it.
    """

    audio: gr.HTML
    line: gr.HTML
    seed: gr.Number
    speech: gr.State


def result_panel(seed: gr.Number, keep_seconds: int) -> Result:
    """Adds the player and the line below it.

    Args:
        seed: Where the speech's seed goes.
        keep_seconds: How long a speech is remembered.
    """
    audio = player()
    line = gr.HTML(hint(t("Your speech appears here.")), elem_classes="take-line")
    return Result(audio, line, seed, gr.State("", time_to_live=keep_seconds))


def connect(service: SpeechService, buttons: Buttons, start: Start, result: Result) -> None:
    """Makes Generate start a speech and Stop end it.

    Args:
        service: Gives what is made.
        buttons: The tab's.
        start: What Generate starts.
        result: Where progress and speech are shown.
    """
    stops = Cancellations()
    work = Work(
        perform=_performing(service, start, stops),
        stops=stops,
        inputs=start.inputs,
        outputs=[result.audio, result.line, result.seed, result.speech],
        line=result.line,
        emptied={result.audio: Playing().value, result.speech: ""},
    )
    connect_buttons(buttons, work)


def _performing(
    service: SpeechService, start: Start, stops: Cancellations
) -> Callable[..., Updates]:
    """Gives the handler that shows a speech as it goes on: updates of audio, line, seed, speech."""
    pace = Pace()

    def perform(gradio_request: gr.Request, *values: Any) -> Updates:
        request = http_request(gradio_request)
        language = requested_language(request.headers)
        with (
            recorded("page", start.operation),
            answered_on_page(language),
            stops.watched(gradio_request) as stop,
            service.live.opened() as live,
            closing(start.events(request, _how(pace, stop), *values)) as events,
        ):
            playback = LivePlayback(service, request, live)
            for event in events:
                if isinstance(event, Speech):
                    pace.learn(event.seconds, playback.rtf)
                    played = playback.finished(event, muted=stop.is_asked())
                    yield played, speech_line(event, language), event.seed, event.id
                    return
                stop.has_sound = event.made > 0
                played = playback.progressed(event)
                line = progress_line(event, language, plays_later=playback.waits_for_the_end)
                yield played, line, gr.skip(), gr.skip()
            yield gr.skip(), NOTHING_MADE, gr.skip(), gr.skip()

    return perform


def _how(pace: Pace, stop: Stop) -> How:
    return How(streamed=pace.keeps_up, stop_requested=stop.is_asked)
