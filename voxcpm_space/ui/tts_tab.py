"""The Text to Speech tab."""

from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService
from voxcpm_space.schemas import SpeechRequest
from voxcpm_space.studio import Events
from voxcpm_space.ui.dialogue import DialoguePanel, connect_dialogue, dialogue_panel
from voxcpm_space.ui.fields import Advanced, advanced_settings, link_button, text_field
from voxcpm_space.ui.generate_buttons import generate_buttons
from voxcpm_space.ui.generation import How, SpeechTab
from voxcpm_space.ui.handlers import AT_ONCE
from voxcpm_space.ui.voice_cards import voice_field
from voxcpm_space.ui.voices import VoicePicker, voice_picker
from voxcpm_space.ui.words import t

NAME = "text-to-speech"

_OFF = t("Off, since one of your voices is chosen, which sounds as it was kept.")


def tts_tab(service: SpeechService, own: gr.BrowserState) -> tuple[SpeechTab, DialoguePanel]:
    """Adds the tab's content; `own` are the visitor's voices."""
    settings = service.studio.settings
    text = text_field(t("What should be said?"), lines=4, autofocus=True)
    with gr.Column(elem_classes="one-voice") as one_voice:
        description = voice_field(service, text)
    buttons = generate_buttons()
    dialogue = dialogue_panel()
    with gr.Column() as kept_voices:
        voices = voice_picker(service, own)
    advanced = advanced_settings(settings)
    link_button(NAME, text, description)
    _describe_or_choose(description, voices)
    connect_dialogue(dialogue, text, otherwise=[one_voice, kept_voices])

    def events(
        request: Request, how: How, text: str, description: str, voice: str, *values: Any
    ) -> Events:
        of_dialogue, of_advanced = values[: len(dialogue.inputs)], values[len(dialogue.inputs) :]
        alone = {"voice": voice, "voice_description": "" if voice else description}
        together = DialoguePanel.fields(text, *of_dialogue)
        fields = {"text": text, **(together or alone), **Advanced.fields(*of_advanced)}
        return service.speak(request, fields, **how)

    inputs = [text, description, voices.file, *dialogue.inputs, *advanced.inputs]
    kept = [text, description, *advanced.inputs]
    tab = SpeechTab(NAME, buttons, inputs, events, kept, _values, advanced.seed, voices)
    return tab, dialogue


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
