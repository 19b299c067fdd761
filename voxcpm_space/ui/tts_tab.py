"""The Text to Speech tab."""

from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService
from voxcpm_space.examples import presets
from voxcpm_space.schemas import SpeechRequest
from voxcpm_space.studio import Events
from voxcpm_space.ui.advanced import Advanced, advanced_settings
from voxcpm_space.ui.dialogue import DialoguePanel, connect_dialogue, dialogue_panel
from voxcpm_space.ui.fillings import fillings
from voxcpm_space.ui.generate_buttons import generate_buttons
from voxcpm_space.ui.generation import How, Start, connect, result_panel
from voxcpm_space.ui.handlers import AT_ONCE
from voxcpm_space.ui.history import speech_history
from voxcpm_space.ui.keep_voice import keep_voice_row
from voxcpm_space.ui.result_actions import result_actions
from voxcpm_space.ui.text_field import text_field
from voxcpm_space.ui.voice_picker import VoicePicker, voice_picker
from voxcpm_space.ui.words import t

_DESCRIPTION_INFO = t("The voice in plain words: age, timbre, mood, pace.")
_DESCRIPTION_OFF = t("Off, since one of your voices is chosen, which sounds as it was kept.")


def tts_tab(service: SpeechService, own: gr.BrowserState) -> None:
    """Adds the tab's content; `own` are the visitor's voices."""
    settings = service.studio.settings
    with gr.Row(equal_height=False):
        with gr.Column(scale=3):
            text = text_field(
                t("What should be said?"), settings.max_text_length, lines=5, autofocus=True
            )
            dialogue = dialogue_panel()
            with gr.Column() as one_voice:
                description = _voice_description(text)
                voices = voice_picker(service, own)
                _describe_or_choose(description, voices)
            advanced = advanced_settings(settings)
            buttons = generate_buttons()
        with gr.Column(scale=2):
            result = result_panel(advanced.seed, settings.keep_seconds)
            result_actions(service, buttons, result, "text-to-speech")
            keep_voice_row(service, result, own)
            speech_history(service, result, [text, description, *advanced.inputs], _values)

    connect_dialogue(dialogue, text, otherwise=one_voice)

    def events(
        request: Request, how: How, text: str, description: str, voice: str, *values: Any
    ) -> Events:
        of_dialogue, of_advanced = values[: len(dialogue.inputs)], values[len(dialogue.inputs) :]
        alone = {"voice": voice, "voice_description": "" if voice else description}
        together = DialoguePanel.fields(text, *of_dialogue)
        fields = {"text": text, **(together or alone), **Advanced.fields(*of_advanced)}
        return service.speak(request, fields, **how)

    inputs = [text, description, voices.file, *dialogue.inputs, *advanced.inputs]
    connect(service, buttons, Start("text-to-speech", inputs, events), result)


def _values(request: SpeechRequest) -> list[object]:
    """Gives what a speech was made from, as the page's fields hold it."""
    return [request.text, request.voice_description, *Advanced.values(request)]


def _voice_description(text: gr.Textbox) -> gr.Textbox:
    """Adds the description of the only voice, and some that fill in a text, too."""
    description = gr.Textbox(
        label=t("Voice description (optional)"),
        placeholder=t("A warm old man, slow and calm"),
        info=_DESCRIPTION_INFO,
    )
    examples = {preset.label: (preset.description, preset.text) for preset in presets()}
    fillings(t("Voices to start from"), examples, [description, text])
    return description


def _describe_or_choose(description: gr.Textbox, voices: VoicePicker) -> None:
    """Turns the description off while a voice is chosen."""
    voices.looked.then(
        lambda kind: gr.Textbox(
            interactive=not kind, info=_DESCRIPTION_OFF if kind else _DESCRIPTION_INFO
        ),
        inputs=voices.kind,
        outputs=description,
        **AT_ONCE,
    )
