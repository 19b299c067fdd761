"""The Text to Speech tab."""

from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService
from voxcpm_space.schemas import SpeechRequest
from voxcpm_space.text import parse_script
from voxcpm_space.ui.fields import Advanced, advanced_settings, link_button, text_field
from voxcpm_space.ui.generate_buttons import generate_buttons
from voxcpm_space.ui.generation import SpeechTab
from voxcpm_space.ui.handlers import AT_ONCE
from voxcpm_space.ui.text_tools import text_tools
from voxcpm_space.ui.voice_cards import voice_field
from voxcpm_space.ui.voices import VoicePicker, voice_picker
from voxcpm_space.ui.words import t

NAME = "text-to-speech"

_OFF = t("Off, since one of your voices is chosen, which sounds as it was kept.")


def tts_tab(service: SpeechService, own: gr.BrowserState) -> SpeechTab:
    """Adds the tab's content; `own` are the visitor's voices."""
    settings = service.studio.settings
    text = text_field(t("What should be said?"), lines=4, autofocus=True)
    text_tools(text, parse_script, settings.max_text_length)
    with gr.Column(elem_classes="one-voice"):
        description = voice_field(service, text)
    buttons = generate_buttons()
    voices = voice_picker(service, own)
    advanced = advanced_settings(settings)
    link_button(NAME, text, description)
    _describe_or_choose(description, voices)

    def fields(
        _: Request, text: str, description: str, voice: str, *of_advanced: Any
    ) -> dict[str, object]:
        who = {"voice": voice, "voice_description": "" if voice else description}
        return {"text": text, **who, **Advanced.fields(*of_advanced)}

    inputs = [text, description, voices.file, *advanced.inputs]
    kept = [text, description, *advanced.inputs]
    shown = (advanced.seed, voices)
    return SpeechTab(NAME, buttons, inputs, fields, "text-to-speech", kept, _values, *shown)


def _values(request: SpeechRequest) -> list[object]:
    """Gives what a speech was made from, as the page's fields hold it."""
    return [request.text, request.voice_description, *Advanced.values(request)]


def _describe_or_choose(description: gr.Textbox, voices: VoicePicker) -> None:
    """Turns the description off while a voice is chosen."""
    voices.looked.then(
        lambda kind: gr.Textbox(interactive=not kind, info=_OFF if kind else None),
        inputs=voices.kind,
        outputs=description,
        **AT_ONCE,
    )
