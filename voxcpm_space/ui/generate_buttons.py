"""Generate and Stop, the same on every tab."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from gradio.components import Component

from voxcpm_space.messages import N_
from voxcpm_space.ui.assets import call
from voxcpm_space.ui.words import AT_ONCE, QUIETLY, bar, hint, html, t, t_html

NOTHING_MADE = hint(t("Nothing was made."))
STARTING = t_html("starting", lambda language: bar(0, html(N_("Starting"), language), language))

_MODULE = "generate.js"


@dataclass(frozen=True)
class Buttons:
    """Start and end of a speech."""

    generate: gr.Button
    stop: gr.Button


_NEXT_TURN_SECONDS = 1.0
"""Until a speech that waits for its turn notices."""
_NEXT_PATCH_SECONDS = 60.0
"""Until one that is being made does, on the slowest machine."""


class Stop:
    """Whether a person wants the end of one speech.

    Attributes:
        has_sound: Whether there is something to keep.
        ended: Set once the speech has come to its end.
    """

    def __init__(self) -> None:
        """Nobody does yet."""
        self.has_sound = False
        self.ended = threading.Event()
        self._asked = threading.Event()

    def ask(self) -> None:
        """Notes that a person does."""
        self._asked.set()

    def is_asked(self) -> bool:
        """Tells whether a person does."""
        return self._asked.is_set()


class Cancellations:
    """Those of all visitors of a tab, who have one speech each at a time."""

    def __init__(self) -> None:
        """Starts without."""
        self._stops: dict[str | None, Stop] = {}

    @contextmanager
    def watched(self, gradio_request: gr.Request) -> Iterator[Stop]:
        """Gives the stop of the speech that is made inside, for the visitor of `gradio_request`."""
        stop = self._stops[gradio_request.session_hash] = Stop()
        try:
            yield stop
        finally:
            stop.ended.set()
            if self._stops.get(gradio_request.session_hash) is stop:
                del self._stops[gradio_request.session_hash]

    def ask(self, gradio_request: gr.Request) -> gr.Button:
        """Asks for the end of the visitor's speech, if there is one; once is enough."""
        if stop := self._stops.get(gradio_request.session_hash):
            stop.ask()
        return gr.Button(interactive=False)

    def wait(self, gradio_request: gr.Request) -> None:
        """Returns once the visitor's speech has ended with what was made of it.

        Raises:
            gr.Error: It has not in good time, as where a clip is slow to come; shown to nobody.
        """
        stop = self._stops.get(gradio_request.session_hash)
        seconds = _NEXT_PATCH_SECONDS if stop and stop.has_sound else _NEXT_TURN_SECONDS
        if stop and not stop.ended.wait(seconds):
            raise gr.Error("The speech does not end by itself.", visible=False)


@dataclass(frozen=True)
class Work:
    """What Generate starts and Stop ends.

    Attributes:
        perform: Gives updates of `outputs` as it goes on; its stop is one of `stops`.
        stops: Those of the tab.
        inputs: Components whose values `perform` takes.
        outputs: What it updates.
        line: That one of them which says how far it is.
        tab: Whose text is to be kept with the speech; empty where none is made.
        kept: Components whose values are kept with it, the text first.
        preprocess: Whether Gradio makes Python values of the inputs.
    """

    perform: Callable[..., Iterator[Any]]
    stops: Cancellations
    inputs: list[Component]
    outputs: list[Component]
    line: gr.HTML
    tab: str = ""
    kept: list[Component] = field(default_factory=list)
    preprocess: bool = True


def generate_buttons() -> Buttons:
    """Adds Generate and Stop."""
    with gr.Row(elem_classes="generate-row"):
        generate = gr.Button(t("Generate"), variant="primary", scale=3, elem_classes="start-button")
        stop = gr.Button(
            t("Stop"), interactive=False, scale=1, min_width=90, elem_classes="stop-button"
        )
    return Buttons(generate, stop)


def flat(every: Sequence[Buttons]) -> list[Component]:
    """Gives the buttons of several tabs, as `generate.js` expects them."""
    return [button for pair in every for button in (pair.generate, pair.stop)]


def connect_buttons(buttons: Buttons, work: Work, every: Sequence[Buttons]) -> None:
    """Makes Generate start a work and Stop end it with what is made.

    What can be pressed is decided in the browser, so that it can be pressed again when the server
    is gone.

    Args:
        buttons: The tab's.
        work: What they start and end.
        every: Those which cannot be pressed meanwhile, with the tab's own.
    """
    shown = [*flat(every), work.line]
    own, count = list(every).index(buttons), len(every)
    started = call(_MODULE, "started", work.tab, own, count, STARTING)
    clicked = buttons.generate.click(None, work.kept, shown, js=started, **AT_ONCE)
    running = clicked.then(
        work.perform,
        inputs=work.inputs,
        outputs=work.outputs,
        preprocess=work.preprocess,
        **QUIETLY,
    )
    running.success(None, None, shown, js=call(_MODULE, "ended", count), **AT_ONCE)
    failed: dict[str, Any] = {"outputs": shown, "js": call(_MODULE, "failed", count), **AT_ONCE}
    running.failure(None, **failed)
    asked = buttons.stop.click(work.stops.ask, outputs=buttons.stop, **AT_ONCE)
    waited = asked.then(work.stops.wait, **AT_ONCE)
    waited.failure(  # where it cannot end by itself
        lambda: NOTHING_MADE, outputs=work.line, **AT_ONCE, cancels=[running]
    ).then(None, None, shown, js=call(_MODULE, "ended", count), **AT_ONCE)


def connect_again(
    again: gr.Button, work: Work, every: Sequence[Buttons], begin: str = "redoing"
) -> None:
    """Makes another button start a work, which the Stop of every tab ends.

    Args:
        again: The button.
        work: What it starts, and they end.
        every: Those which cannot be pressed meanwhile.
        begin: What of `generate.js` is called first.
    """
    count, shown = len(every), [*flat(every), work.line]
    started = call(_MODULE, begin, count, STARTING)
    clicked = again.click(None, None, shown, js=started, **AT_ONCE)
    running = clicked.then(work.perform, inputs=work.inputs, outputs=work.outputs, **QUIETLY)
    running.success(None, None, shown, js=call(_MODULE, "ended", count), **AT_ONCE)
    running.failure(None, None, shown, js=call(_MODULE, "failed", count), **AT_ONCE)
    for pair in every:
        pair.stop.click(work.stops.ask, outputs=pair.stop, **AT_ONCE)
