"""Generate and Stop, the same on every tab."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from voxcpm_space.messages import N_
from voxcpm_space.ui.cancellation import Cancellations
from voxcpm_space.ui.handlers import AT_ONCE, QUIETLY
from voxcpm_space.ui.status_line import bar, hint
from voxcpm_space.ui.words import html, t, t_html

NOTHING_MADE = hint(t("Nothing was made."))
_STARTING = t_html("starting", lambda language: bar(0, html(N_("Starting"), language), language))


GENERATE, STOP = "take-start", "take-stop"
"""Classes of the buttons that keys press."""

KEYS_JS = f"""
() => {{
  const press = (name) => {{
    const buttons = [...document.querySelectorAll(`button.${{name}}:enabled`)];
    const shown = buttons.find((button) => button.checkVisibility());
    shown?.click();
    return Boolean(shown);
  }};
  document.addEventListener("keydown", (event) => {{
    if (event.isComposing) return;
    const wanted = {{ Enter: event.ctrlKey || event.metaKey, Escape: true }}[event.key];
    const name = {{ Enter: "{GENERATE}", Escape: "{STOP}" }}[event.key];
    if (wanted && press(name)) event.preventDefault();
  }});
  for (const [name, keys] of [["{GENERATE}", "Control+Enter"], ["{STOP}", "Escape"]])
    for (const button of document.querySelectorAll(`button.${{name}}`))
      button.setAttribute("aria-keyshortcuts", keys);
}}
"""
"""Runs once when the page is open: Ctrl+Enter (or Cmd+Enter) generates, Esc stops."""


@dataclass(frozen=True)
class Buttons:
    """Start and end of a speech."""

    generate: gr.Button
    stop: gr.Button

    @staticmethod
    def states(*, running: bool) -> tuple[gr.Button, gr.Button]:
        """Gives updates for `generate` and `stop`: one of them can be pressed."""
        return gr.Button(interactive=not running), gr.Button(interactive=running)


@dataclass(frozen=True)
class Work:
    """What Generate starts and Stop ends.

    Attributes:
        perform: Gives updates of `outputs` as it goes on; its stop is one of `stops`.
        stops: Those of the tab.
        inputs: Components whose values `perform` takes.
        outputs: What it updates.
        line: That one of them which says how far it is.
        emptied: What is emptied before, with the update that does it.
        preprocess: Whether Gradio makes Python values of the inputs.
    """

    perform: Callable[..., Iterator[Any]]
    stops: Cancellations
    inputs: list[Component]
    outputs: list[Component]
    line: gr.HTML
    emptied: dict[Component, Any]
    preprocess: bool = True


def generate_buttons() -> Buttons:
    """Adds Generate and Stop."""
    with gr.Row():
        generate = gr.Button(t("Generate"), variant="primary", scale=3, elem_classes=GENERATE)
        stop = gr.Button(t("Stop"), interactive=False, scale=1, min_width=90, elem_classes=STOP)
    return Buttons(generate, stop)


def connect_buttons(buttons: Buttons, work: Work) -> None:
    """Makes Generate start a work and Stop end it with what is made."""
    both = [buttons.generate, buttons.stop]
    clicked = buttons.generate.click(
        lambda: (*Buttons.states(running=True), _STARTING, *work.emptied.values()),
        outputs=[*both, work.line, *work.emptied],
        **AT_ONCE,
    )
    running = clicked.then(
        work.perform,
        inputs=work.inputs,
        outputs=work.outputs,
        preprocess=work.preprocess,
        **QUIETLY,
    )
    running.success(lambda: Buttons.states(running=False), outputs=both, **AT_ONCE)
    ended = {
        "fn": lambda: (*Buttons.states(running=False), NOTHING_MADE),
        "outputs": [*both, work.line],
        **AT_ONCE,
    }
    running.failure(**ended)
    asked = buttons.stop.click(work.stops.ask, outputs=buttons.stop, **AT_ONCE)
    waited = asked.then(work.stops.wait, **AT_ONCE)
    waited.failure(**ended, cancels=[running])  # where it cannot end by itself
