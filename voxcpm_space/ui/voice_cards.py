"""Cards to start from: voices that are described, which can be heard, and clips."""

import base64
import json
from collections.abc import Callable
from contextlib import closing
from functools import partial

import gradio as gr
from fastapi import Request
from markupsafe import Markup

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.errors import InputError
from voxcpm_space.examples import Preset, clips, presets
from voxcpm_space.messages import ENGLISH, N_, requested_language
from voxcpm_space.monitoring import recorded
from voxcpm_space.studio import Speech
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.handlers import AT_ONCE, QUIETLY, answered_on_page
from voxcpm_space.ui.words import html, t, t_html

SAMPLE = N_(
    "Welcome to the harbour. The evening ferry leaves in ten minutes, so please have your tickets "
    "ready."
)
"""What the text is at the first visit."""


_MODULE = "voices.js"
_VOICES = "voices"
_NATIVE = {"English": "English", "Chinese": "中文"}
_SEED = 1
_KEPT_SECONDS = 86_400
_KEPT_CHARACTERS = 10_000_000


def voice_field(service: SpeechService, text: gr.Textbox) -> gr.Textbox:
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
    sound = gr.Textbox("", visible=False)
    made = cards.play(_sampling(service), sound, sound, js=call(_MODULE, "wanted"), **QUIETLY)
    made.success(None, sound, None, js=call(_MODULE, "heard"), **AT_ONCE)
    made.failure(None, None, None, js=call(_MODULE, "silent"), **AT_ONCE)
    return description


def _sampling(service: SpeechService) -> Callable[[gr.Request, str], str]:
    """Gives the handler that lets a voice be heard: JSON of its name, and its sound as a data: URL.

    The model that runs makes it when somebody first wants to hear it, and it is kept for all.
    """
    kept: SingleFlightCache[str] = SingleFlightCache(_KEPT_CHARACTERS, _KEPT_SECONDS, len)
    by_name = {preset.label: preset for preset in presets()}

    def sample(gradio_request: gr.Request, name: str) -> str:
        request = http_request(gradio_request)
        with (
            recorded("page", "text-to-speech"),
            answered_on_page(requested_language(request.headers)),
        ):
            if name not in by_name:
                raise InputError(N_("There is no voice of this name to start from."))
            sound = kept.get(name, partial(_sampled, service, request, by_name[name]))
        return json.dumps({"name": name, "sound": sound})

    return sample


def _sampled(service: SpeechService, request: Request, preset: Preset) -> str:
    fields = {"text": preset.text, "voice_description": preset.description, "seed": _SEED}
    with closing(service.speak(request, fields)) as events:
        *_, speech = events
    assert isinstance(speech, Speech), "nobody can stop it"
    mp3 = service.export(request, speech.id, "mp3").read_bytes()
    return f"data:audio/mpeg;base64,{base64.b64encode(mp3).decode()}"


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
        "<button type='button' class='hear' data-name='{label}' aria-label='{hear}'>"
        "<svg viewBox='0 0 24 24' aria-hidden='true'><path d='M8 5.2v13.6L19 12z'/></svg>"
        "</button></span>"
    ).format(
        state=state,
        description=preset.description,
        text=preset.text,
        name=name,
        label=preset.label,
        hear=html(N_("Hear {name}", name=N_(preset.label)), language),
    )


def clip_cards() -> gr.HTML:
    """Adds the example clips to choose from; `assets/clips.js` knows which one is."""
    classes = ["voices", "example-clips"]
    return component("clips.js", {}, value=t_html("clips", _clip_cards), elem_classes=classes)


def _clip_cards(language: str) -> str:
    cards = Markup().join(
        Markup(
            "<button type='button' aria-pressed='false' data-clip='{}' data-text='{}'>{}</button>"
        ).format(clip.voice, clip.text, html(N_(clip.name), language))
        for clip in clips()
    )
    label = html(N_("Voices to try"), language)
    return f"<div role='group' aria-label='{label}'>{cards}</div>"
