"""Below a text: a button for a pause, and how long the text is, in characters and spoken."""

from collections.abc import Callable

import gradio as gr

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_, Message, ngettext, requested_language, translate
from voxcpm_space.text import Script
from voxcpm_space.ui.assets import component
from voxcpm_space.ui.handlers import AT_ONCE
from voxcpm_space.ui.voice_cards import SAMPLE
from voxcpm_space.ui.words import translations

_WORDS = {"pause": N_("Add pause"), "title": N_("Insert a pause of one second")}
_TEMPLATE = "<button type='button' class='quiet'></button><span></span>"


def text_tools(text: gr.Textbox, parse: Callable[[str], Script], most: int) -> None:
    """Adds them.

    Args:
        text: Whose they are.
        parse: Reads it.
        most: Characters that it may have.
    """
    tools = component(
        "text_tools.js", _WORDS, value="", html_template=_TEMPLATE, elem_classes="text-tools"
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
