"""Cards to start from: voices that are described, which can be heard, and clips."""

import json
from collections.abc import Callable

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.api.voice_samples import VoiceSamples
from voxcpm_space.errors import InputError
from voxcpm_space.examples import Preset, clips, presets
from voxcpm_space.messages import ENGLISH, N_, requested_language
from voxcpm_space.monitoring import recorded
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
_KEPT_SECONDS = 86_400


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
    let_be_heard(cards, _sampling(service), [])
    return description


def let_be_heard(cards: gr.HTML, sample: Callable[..., str], inputs: list[Component]) -> None:
    """Makes the buttons of `hear_button` play.

    Args:
        cards: Those of `voices.js` that have them.
        sample: Gives what `heard` does; takes the key of the button, and values of `inputs`.
        inputs: Components.
    """
    sound = gr.Textbox("", visible=False)
    wanted = call(_MODULE, "wanted")
    made = cards.play(sample, [sound, *inputs], sound, js=wanted, **QUIETLY)
    made.success(None, sound, None, js=call(_MODULE, "heard"), **AT_ONCE)
    made.failure(None, None, None, js=call(_MODULE, "silent"), **AT_ONCE)


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


def heard(name: str, sound: str) -> str:
    """Gives what `voices.js` takes: whose sound it is, and its data: URL."""
    return json.dumps({"name": name, "sound": sound})


def hear_button(key: str, name: str, language: str) -> Markup:
    """Gives HTML of a button that lets a voice be heard, which `voices.js` knows by `key`."""
    return Markup(
        "<button type='button' class='hear' data-name='{}' aria-label='{}'>"
        "<svg viewBox='0 0 24 24' aria-hidden='true'><path d='M8 5.2v13.6L19 12z'/></svg></button>"
    ).format(key, html(N_("Hear {name}", name=name), language))


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
