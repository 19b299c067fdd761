"""A take from the button to the player, the same on both tabs."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

import gradio as gr
from gradio.components import Component

from voxcpm_space.api.desk import FrontDesk, http_request
from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.monitoring import recorded
from voxcpm_space.studio import Events, Speech, Stopped
from voxcpm_space.ui.bars import bar
from voxcpm_space.ui.keyboard import GENERATE, STOP
from voxcpm_space.ui.listening import Listening, Pace
from voxcpm_space.ui.player import Playing, player
from voxcpm_space.ui.stops import Stop, Stops
from voxcpm_space.ui.take_line import hint, progress_line, speech_line
from voxcpm_space.ui.words import t

Updates: TypeAlias = Iterator[tuple[Any, Any, Any, Any]]


class How(TypedDict):
    """How a take is made, for the desk.

    Attributes:
        streamed: Whether the audio goes out while it is made.
        stopped: Tells whether Stop was pressed.
    """

    streamed: bool
    stopped: Stopped


@dataclass(frozen=True)
class Start:
    """What Generate starts.

    Attributes:
        operation: What operators see it as.
        inputs: The tab's own and its advanced ones.
        events: Gives the events of a take; takes the HTTP request, how it is made, and the values
            of `inputs`.
    """

    operation: str
    inputs: list[Component]
    events: Callable[..., Events]


@dataclass(frozen=True)
class Result:
    """Where a take is shown.

    Attributes:
        audio: The player, whose values are those of `Playing`.
        line: Progress, then facts.
        seed: The take's seed.
        speech: The finished `Speech`; None before. What is shown beside it follows its changes.
    """

    audio: gr.HTML
    line: gr.HTML
    seed: gr.Number
    speech: gr.State


@dataclass(frozen=True)
class Buttons:
    """Start and end of a take."""

    generate: gr.Button
    stop: gr.Button

    @staticmethod
    def states(*, running: bool) -> tuple[gr.Button, gr.Button]:
        """Gives updates for `generate` and `stop`: one of them can be pressed."""
        return gr.Button(interactive=not running), gr.Button(interactive=running)


def take_buttons() -> Buttons:
    """Adds Generate and Stop."""
    with gr.Row():
        generate = gr.Button(t("Generate"), variant="primary", scale=3, elem_classes=GENERATE)
        stop = gr.Button(t("Stop"), interactive=False, scale=1, min_width=90, elem_classes=STOP)
    return Buttons(generate, stop)


def result_panel(seed: gr.Number, keep_seconds: int) -> Result:
    """Adds the player and the line below it.

    Args:
        seed: Where the take's seed goes.
        keep_seconds: How long a speech is remembered.
    """
    audio = player()
    line = gr.HTML(hint(t("Your speech appears here.")), elem_classes="take-line")
    return Result(audio, line, seed, gr.State(None, time_to_live=keep_seconds))


def connect(desk: FrontDesk, buttons: Buttons, start: Start, result: Result) -> None:
    """Makes Generate start a take and Stop end it.

    Args:
        desk: Gives what is made.
        buttons: The tab's.
        start: What Generate starts.
        result: Where progress and speech are shown.
    """
    both = [buttons.generate, buttons.stop]
    quietly: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    clicked = buttons.generate.click(
        lambda: (*Buttons.states(running=True), Playing().value, bar(0, t("Starting")), None),
        outputs=[*both, result.audio, result.line, result.speech],
        queue=False,
        **quietly,
    )
    stops = Stops()
    take = clicked.then(
        _performing(desk, start, stops),
        inputs=start.inputs,
        outputs=[result.audio, result.line, result.seed, result.speech],
        **quietly,
    )
    take.success(lambda: Buttons.states(running=False), outputs=both, queue=False, **quietly)
    ended = {"fn": _ended, "outputs": [*both, result.line], "queue": False, **quietly}
    take.failure(**ended)
    asked = buttons.stop.click(stops.ask, outputs=buttons.stop, queue=False, **quietly)
    waited = asked.then(stops.wait, queue=False, **quietly)
    waited.failure(**ended, cancels=[take])  # where it cannot end by itself


def _performing(desk: FrontDesk, start: Start, stops: Stops) -> Callable[..., Updates]:
    """Gives the handler that shows a take as it goes on: updates of audio, line, seed, speech."""
    pace = Pace()

    def perform(request: gr.Request, *values: Any) -> Updates:
        asked = http_request(request)
        with (
            recorded("page", start.operation),
            answered_by_gradio(),
            stops.watched(request) as stop,
            desk.live.opened() as live,
            closing(start.events(asked, _how(pace, stop), *values)) as events,
        ):
            listening = Listening(desk, asked, live)
            for event in events:
                if isinstance(event, Speech):
                    pace.learn(event.seconds, listening.rtf)
                    played = listening.ends(event, hushed=stop.is_asked())
                    yield played, speech_line(event), event.seed, event
                    return
                stop.has_sound = event.made > 0
                played = listening.goes_on(event)
                line = progress_line(event, plays_later=listening.waits_for_the_end)
                yield played, line, gr.skip(), gr.skip()
            yield gr.skip(), hint(t("Nothing was made.")), gr.skip(), gr.skip()

    return perform


def _how(pace: Pace, stop: Stop) -> How:
    return How(streamed=pace.keeps_up, stopped=stop.is_asked)


def _ended() -> tuple[gr.Button, gr.Button, str]:
    return *Buttons.states(running=False), hint(t("Nothing was made."))
