"""What several tabs have: a text with its tools, advanced settings, a link to what is typed."""

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_, Message, languages, ngettext, requested_language, translate
from voxcpm_space.schemas import (
    DEFAULT_CFG,
    DEFAULT_DIT_STEPS,
    DEFAULT_SPEED,
    MAX_CFG,
    MAX_SPEED,
    MIN_CFG,
    MIN_SPEED,
    Request,
)
from voxcpm_space.settings import Settings
from voxcpm_space.text import Script
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.voices import SAMPLE
from voxcpm_space.ui.words import AT_ONCE, t, translations

_MAX_LINES = 12
_LINK_WORDS = {
    "copied": N_("The link is copied."),
    "above": N_("The link is in the address bar."),
}
_NAMES = ("cfg_value", "dit_steps", "speed", "seed", "new_seed", "normalize", "quality")
_TOOL_WORDS = {"pause": N_("Add pause"), "title": N_("Insert a pause of one second")}
_TOOLS = "<button type='button' class='quiet'></button><span></span>"


def text_field(
    placeholder: str, *, lines: int, label: str | None = None, autofocus: bool = False
) -> gr.Textbox:
    """Adds the text to speak; one that is too long is refused later, never cut."""
    return gr.Textbox(
        label=label or t("Text"),
        placeholder=placeholder,
        lines=lines,
        max_lines=_MAX_LINES,
        autofocus=autofocus,
        elem_classes=["text", "field-text"],
    )


def text_tools(text: gr.Textbox, parse: Callable[[str], Script], most: int) -> None:
    """Adds them.

    Args:
        text: Whose they are.
        parse: Reads it.
        most: Characters that it may have.
    """
    tools = component(
        "text_tools.js", _TOOL_WORDS, value="", html_template=_TOOLS, elem_classes="text-tools"
    )

    def look(gradio_request: gr.Request, text: str) -> str:
        return translate(_length(text, parse, most), requested_language(gradio_request.headers))

    # While one look is under way, only the newest text matters.
    text.change(look, text, tools, trigger_mode="always_last", **AT_ONCE)


def _length(text: str, parse: Callable[[str], Script], most: int) -> str:
    count = len(text.strip())
    if text in translations(SAMPLE).values():  # a first view says little
        return ""
    if count > most:
        return N_("{count:,} characters; at most {most:,} are allowed", count=count, most=most)
    characters = ngettext("{count:,} character", "{count:,} characters", count)
    try:
        seconds = parse(text).seconds
    except InputError:  # nothing to speak yet, or too many pauses, which are told of later
        return characters if count else ""
    return N_(
        "{characters}, about {duration}", characters=characters, duration=_duration(round(seconds))
    )


def _duration(seconds: int) -> Message:
    minutes, left = divmod(max(1, seconds), 60)
    if minutes:
        return N_("{minutes} min {seconds} s", minutes=minutes, seconds=left)
    return N_("{seconds} s", seconds=left)


@dataclass(frozen=True)
class Advanced:
    """The settings that most people leave alone.

    Attributes:
        inputs: Components whose values `fields` takes, in order.
        seed: Shows the seed of the last speech.
    """

    inputs: list[Component]
    seed: gr.Number

    @staticmethod
    def fields(*values: object) -> dict[str, object]:
        """Gives the request's fields for the values of `inputs`."""
        fields = dict(zip(_NAMES, values, strict=True))
        if fields.pop("new_seed"):
            fields["seed"] = None
        fields["quality"] = fields["quality"] or None
        if fields["quality"]:
            del fields["dit_steps"]  # it says how many there are
        return fields

    @staticmethod
    def values(request: Request) -> list[object]:
        """Gives the values of `inputs` with which a request was made."""
        sliders = [request.cfg_value, request.dit_steps, request.speed]
        return [*sliders, request.seed, False, request.normalize, request.quality or ""]


def advanced_settings(settings: Settings) -> Advanced:
    """Adds the folded settings."""
    most = settings.max_dit_steps
    can_be_set = not settings.engine_url
    fixed = t("Fixed by the server that has the model.")
    with gr.Accordion(t("Advanced settings"), open=False):
        with gr.Row():
            cfg_value = gr.Slider(
                MIN_CFG,
                MAX_CFG,
                value=DEFAULT_CFG,
                step=0.1,
                label=t("CFG scale"),
                info=t("Higher follows the text more strictly.") if can_be_set else fixed,
                interactive=can_be_set,
            )
            dit_steps = gr.Slider(
                1,
                most,
                value=min(DEFAULT_DIT_STEPS, most),
                step=1,
                label=t("DiT steps"),
                info=t("More can sound better and take longer.") if can_be_set else fixed,
                interactive=can_be_set,
            )
        quality = gr.Radio(
            _qualities(),
            value="",
            label=t("Quality"),
            info=t("In place of DiT steps: draft is fastest.") if can_be_set else fixed,
            interactive=can_be_set,
        )
        with gr.Row():
            with gr.Column():
                speed = gr.Slider(
                    MIN_SPEED,
                    MAX_SPEED,
                    value=DEFAULT_SPEED,
                    step=0.05,
                    label=t("Speed"),
                    info=t("At the voice's own pitch."),
                )
                seed = gr.Number(
                    value=None, precision=0, label=t("Seed"), info=t("The seed of the last speech.")
                )
            with gr.Column():
                new_seed = gr.Checkbox(
                    value=True, label=t("New seed each time"), info=t("Off: this seed again.")
                )
                normalize = gr.Checkbox(
                    value=False,
                    label=t("Text normalization"),
                    info=t("Writes out numbers and dates as words."),
                )
    return Advanced([cfg_value, dit_steps, speed, seed, new_seed, normalize, quality], seed)


def _qualities() -> list[tuple[str, str]]:
    """Gives what can be chosen, and its value."""
    return [
        (t("By DiT steps"), ""),
        (t("Draft"), "draft"),
        (t("Standard"), "standard"),
        (t("Best"), "best"),
    ]


def link_button(tab: str, text: gr.Textbox, voice: Component) -> None:
    """Adds the button that copies a link to what is typed, in a voice that has a name or words."""
    button = gr.Button(t("Copy link"), size="sm", elem_classes="link-button")
    words = {
        language: {name: translate(each, language) for name, each in _LINK_WORDS.items()}
        for language in languages()
    }
    copied = call("link.js", "copied", tab, words)
    button.click(None, [text, voice], None, js=copied, **AT_ONCE)
