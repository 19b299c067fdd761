"""The Text to Speech tab, with its voices to start from."""

from collections.abc import Callable
from typing import Any

import gradio as gr
from fastapi import Request
from markupsafe import Markup

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.api.voice_samples import VoiceSamples
from voxcpm_space.errors import InputError
from voxcpm_space.examples import Preset, presets
from voxcpm_space.messages import ENGLISH, N_, requested_language
from voxcpm_space.monitoring import recorded
from voxcpm_space.schemas import SpeechRequest
from voxcpm_space.text import parse_script
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.fields import Advanced, advanced_settings, link_button, text_field, text_tools
from voxcpm_space.ui.generate_buttons import generate_buttons
from voxcpm_space.ui.generation import SpeechTab
from voxcpm_space.ui.voices import (
    SAMPLE,
    VoicePicker,
    hear_button,
    heard,
    let_be_heard,
    voice_picker,
)
from voxcpm_space.ui.words import AT_ONCE, answered_on_page, html, t, t_html

NAME = "text-to-speech"

_OFF = t("Off, since one of your voices is chosen, which sounds as it was kept.")


_MODULE = "voices.js"
_VOICES = "voices"
_NATIVE = {"English": "English", "Chinese": "中文"}
_KEPT_SECONDS = 86_400


def tts_tab(service: SpeechService, own: gr.BrowserState) -> SpeechTab:
    """Adds the tab's content; `own` are the visitor's voices."""
    settings = service.studio.settings
    text = text_field(t("What should be said?"), lines=4, autofocus=True)
    text_tools(text, parse_script, settings.max_text_length)
    with gr.Column(elem_classes="one-voice"):
        description = _voice_field(service, text)
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


def _voice_field(service: SpeechService, text: gr.Textbox) -> gr.Textbox:
    """Adds voices to choose from, and the description that they fill.

    A text that a person has typed stays.
    """
    cards = component(
        _MODULE,
        {"sample": SAMPLE},
        value=t_html("voices", _cards),
        elem_id=_VOICES,
        elem_classes="voices",
    )
    description = gr.Textbox(
        label=t("Voice description (optional)"),
        placeholder=t("A warm old man, slow and calm"),
        max_lines=3,
        elem_classes="field-voice_description",
    )
    both = [description, text]
    cards.select(None, both, both, js=call(_MODULE, "filled"), **AT_ONCE)
    description.change(None, description, None, js=call(_MODULE, "marked", _VOICES), **AT_ONCE)
    let_be_heard(cards, _sampling(service), [])
    return description


def _sampling(service: SpeechService) -> Callable[[gr.Request, str], str]:
    """Gives the handler that lets a voice be heard: JSON of its name, and its sound."""
    samples = VoiceSamples(service, _KEPT_SECONDS)
    by_name = {preset.label: preset for preset in presets()}

    def sample(gradio_request: gr.Request, name: str) -> str:
        request = http_request(gradio_request)
        with (
            recorded("page", "text-to-speech"),
            answered_on_page(requested_language(request.headers)),
        ):
            if name not in by_name:
                raise InputError(N_("There is no voice of this name to start from."))
            fields = {"text": by_name[name].text, "voice_description": by_name[name].description}
            return heard(name, samples.get(request, name, fields))

    return sample


def _cards(language: str) -> str:
    """Gives HTML of the voices; those of other languages than the visitor's behind a switch."""
    own = "English" if language == ENGLISH else "Chinese"
    first = Markup().join(
        _card(preset, language, "") for preset in presets() if preset.language == own
    )
    others = [preset for preset in presets() if preset.language != own]
    rest = Markup().join(_card(preset, language, "hidden data-other") for preset in others)
    switch = Markup("<button type='button' aria-expanded='false'>{}</button>").format(
        "、".join(dict.fromkeys(_NATIVE[preset.language] for preset in others))
    )
    label = html(N_("Voices to start from"), language)
    return f"<div role='group' aria-label='{label}'>{first}{switch}{rest}</div>"


def _card(preset: Preset, language: str, state: str) -> Markup:
    name = html(N_(preset.label), language)
    return Markup(
        "<span class='card' {state}>"
        "<button type='button' aria-pressed='false' title='{description}' "
        "data-description='{description}' data-text='{text}'>{name}</button>"
        "{hear}</span>"
    ).format(
        state=state,
        description=preset.description,
        text=preset.text,
        name=name,
        hear=hear_button(preset.label, N_(preset.label), language),
    )
