"""A take from the button to the player, the same on both tabs."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias

import gradio as gr
from gradio.components import Component

from voxcpm_space.api.desk import http_request
from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.monitoring import recorded
from voxcpm_space.studio import Events, Progress, Speech
from voxcpm_space.ui.bars import bar
from voxcpm_space.ui.clip_picture import advice
from voxcpm_space.ui.keyboard import GENERATE, STOP
from voxcpm_space.ui.stops import Stops

Updates: TypeAlias = Iterator[tuple[Any, Any, Any, Any]]


@dataclass(frozen=True)
class Result:
    """Where a take is shown.

    Attributes:
        audio: The player.
        line: Progress, then facts.
        seed: The take's seed.
        speech: The finished `Speech`; None before. What is shown beside it follows its changes.
    """

    audio: gr.Audio
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
        generate = gr.Button("Generate", variant="primary", scale=3, elem_classes=GENERATE)
        stop = gr.Button("Stop", interactive=False, scale=1, min_width=90, elem_classes=STOP)
    return Buttons(generate, stop)


def result_panel(seed: gr.Number, keep_seconds: int) -> Result:
    """Adds the player and the line below it.

    Args:
        seed: Where the take's seed goes.
        keep_seconds: How long a speech is remembered.
    """
    audio = gr.Audio(label="Result", interactive=False, buttons=["download"])
    line = gr.HTML(_hint("Your speech appears here."), elem_classes="take-line")
    return Result(audio, line, seed, gr.State(None, time_to_live=keep_seconds))


def connect(
    buttons: Buttons,
    start: Callable[..., Events],
    inputs: list[Component],
    result: Result,
    operation: str,
) -> None:
    """Makes Generate start a take and Stop end it.

    Args:
        buttons: The tab's.
        start: Gives the events of a take; takes the HTTP request, what tells whether Stop was
            pressed, and the values of `inputs`.
        inputs: The tab's own and its advanced ones.
        result: Where progress and speech are shown.
        operation: What operators see it as.
    """
    both = [buttons.generate, buttons.stop]
    quietly: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    clicked = buttons.generate.click(
        lambda: (*Buttons.states(running=True), None, bar(0, "Starting"), None),
        outputs=[*both, result.audio, result.line, result.speech],
        queue=False,
        **quietly,
    )
    stops = Stops()
    take = clicked.then(
        _performing(start, operation, stops),
        inputs=inputs,
        outputs=[result.audio, result.line, result.seed, result.speech],
        **quietly,
    )
    take.success(lambda: Buttons.states(running=False), outputs=both, queue=False, **quietly)
    ended = {"fn": _ended, "outputs": [*both, result.line], "queue": False, **quietly}
    take.failure(**ended)
    asked = buttons.stop.click(stops.ask, outputs=buttons.stop, queue=False, **quietly)
    waited = asked.then(stops.wait, queue=False, **quietly)
    waited.failure(**ended, cancels=[take])  # where it cannot end by itself


def _performing(
    start: Callable[..., Events], operation: str, stops: Stops
) -> Callable[..., Updates]:
    """Gives the handler that shows a take as it goes on: updates of audio, line, seed, speech."""

    def perform(request: gr.Request, *values: Any) -> Updates:
        with (
            recorded("page", operation),
            answered_by_gradio(),
            stops.watched(request) as stop,
            closing(start(http_request(request), stop.is_asked, *values)) as events,
        ):
            for event in events:
                if isinstance(event, Speech):
                    yield str(event.path), speech_line(event), event.seed, event
                    return
                stop.has_sound = event.made > 0
                yield gr.skip(), progress_line(event), gr.skip(), gr.skip()
            yield gr.skip(), _hint("Nothing was made."), gr.skip(), gr.skip()

    return perform


def _ended() -> tuple[gr.Button, gr.Button, str]:
    return *Buttons.states(running=False), _hint("Nothing was made.")


def _hint(text: str) -> str:
    return f"<p class='hint'>{text}</p>"


def progress_line(progress: Progress) -> str:
    """Gives HTML that tells how far a take is."""
    part = progress.made / progress.expected
    of_text = f"Part {progress.chunk} of {progress.chunks}: " if progress.chunks > 1 else ""
    if waiting := progress.waiting:
        text = f"Waiting: {waiting.ahead} before it, about {waiting.seconds:.0f} s"
        return bar(part, of_text + text)
    text = f"{of_text}{progress.made:.1f} s made, of about {progress.expected:.1f} s"
    if progress.left is not None and progress.left >= 1:
        text += f"; about {_duration(progress.left)} left"
    return bar(part, text)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def speech_line(speech: Speech) -> str:
    """Gives HTML with what is to be known of a speech."""
    warnings = (*(speech.reference.warnings if speech.reference else ()), *speech.warnings)
    if speech.is_part:
        warnings = ("This is a part: it ended before all of the text was spoken.", *warnings)
    notes = f"Changed before it was spoken: {'; '.join(speech.notes)}." if speech.notes else ""
    return (
        advice(warnings)
        + (
            f"<p class='facts'><span>{speech.seconds:.1f} s of speech</span>"
            f"<span>made in {speech.elapsed:.1f} s</span>"
            f"<span><abbr title='seconds of computing for a second of audio'>RTF</abbr> "
            f"{speech.rtf:.2f}</span><span>seed {speech.seed}</span></p>"
        )
        + (_hint(notes) if notes else "")
    )
