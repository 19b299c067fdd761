"""Voices to hear and to choose from: a visitor's own, which only the visitor's browser keeps."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency
from markupsafe import Markup

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.api.voice_samples import VoiceSamples
from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.messages import N_, requested_language, translate
from voxcpm_space.monitoring import recorded
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.words import (
    AT_ONCE,
    QUIETLY,
    advice,
    answered_on_page,
    hint,
    html,
    script,
    sentences,
    t,
)
from voxcpm_space.voices import MAX_NAME_LENGTH, Voice
from voxcpm_space.voices.own import OwnVoice, with_voice

SAMPLE = N_(
    "Welcome to the harbour. The evening ferry leaves in ten minutes, so please have your tickets "
    "ready."
)
"""What the text is at the first visit."""


def let_be_heard(cards: gr.HTML, sample: Callable[..., str], inputs: list[Component]) -> None:
    """Makes the buttons of `hear_button` play.

    Args:
        cards: Those of `voices.js` that have them.
        sample: Gives what `heard` does; takes the key of the button, and values of `inputs`.
        inputs: Components.
    """
    sound = gr.Textbox("", visible=False)
    wanted = call("voices.js", "wanted")
    made = cards.play(sample, [sound, *inputs], sound, js=wanted, **QUIETLY)
    made.success(None, sound, None, js=call("voices.js", "heard"), **AT_ONCE)
    made.failure(None, None, None, js=call("voices.js", "silent"), **AT_ONCE)


def heard(name: str, sound: str) -> str:
    """Gives what `voices.js` takes: whose sound it is, and its data: URL."""
    return json.dumps({"name": name, "sound": sound})


def hear_button(key: str, name: str, language: str) -> Markup:
    """Gives HTML of a button that lets a voice be heard, which `voices.js` knows by `key`."""
    return Markup(
        "<button type='button' class='hear' data-name='{}' aria-label='{}'>"
        "<svg viewBox='0 0 24 24' aria-hidden='true'><path d='M8 5.2v13.6L19 12z'/></svg></button>"
    ).format(key, html(N_("Hear {name}", name=name), language))


_KEY = "voxcpm-voices"


def own_voices() -> gr.BrowserState:
    """Adds the list; its key must not change from one start of the server to the next."""
    return gr.BrowserState([], storage_key=_KEY, secret=_KEY)


_NONE = t("None of them")
_HINT = t(
    "Voices that you keep under a result. They stay in this browser, and in files of your own."
)
_DELETE_QUESTION = N_("Delete this voice from this browser?")
_GOES_ON = N_("It was kept with its transcript, so it takes no style.")

PLAIN, HAS_TRANSCRIPT = "plain", "has transcript"
"""What `VoicePicker.kind` says of a voice; the second one goes on from its transcript."""

# In the browser, so that the list, which can be large, is not sent to the server for it.
_NAMES = "(own) => [own?.map?.((voice) => voice.name) ?? []]"
_FILE = "(name, own) => own?.find?.((voice) => voice.name === name)?.file ?? ''"
_DELETE = f"""(name, own) => name && confirm({script(_DELETE_QUESTION)})
    ? [own.filter((voice) => voice.name !== name), ''] : [own, name]"""


@dataclass(frozen=True)
class VoicePicker:
    """Where a person chooses a voice.

    Attributes:
        file: The voice that is chosen, as a data: URL that nobody has checked; empty for none.
        kind: What the voice is, once it has been looked at; empty for none.
        looked: Happens when another one has been.
        names: Where it is chosen by its name.
        fold: What has to be open for that, where it is folded.
    """

    file: gr.Textbox
    kind: gr.Textbox
    looked: Dependency
    names: gr.Dropdown
    fold: gr.Accordion | None


def voice_picker(
    service: SpeechService, own: gr.BrowserState, *, is_folded: bool = True
) -> VoicePicker:
    """Adds the picker."""
    fold = gr.Accordion(t("My voices"), open=False) if is_folded else None
    with fold or gr.Column():
        names = gr.Dropdown([(_NONE, "")], value="", label=t("Speak with"), info=_HINT)
        line = component(
            "voices.js", {"sample": SAMPLE}, value="", padding=False, elem_classes="own-voice"
        )
        with gr.Row():
            upload = gr.UploadButton(
                t("Add a voice file"), file_types=[".safetensors"], size="sm", min_width=120
            )
            delete = gr.Button(t("Delete"), size="sm", min_width=90)
    file, kind = gr.Textbox(visible=False), gr.Textbox(visible=False)

    def look(gradio_request: gr.Request, file: str) -> tuple[str, str]:
        if not file:
            return "", ""
        language = requested_language(gradio_request.headers)
        try:
            with answered_by_gradio(language):
                voice = service.voice(http_request(gradio_request), file)
        except gr.Error as refusal:
            return advice([refusal.message], language), ""
        hear = str(hear_button(_key(file), voice.name, language))
        return hear + _about(voice, language), HAS_TRANSCRIPT if voice.transcript else PLAIN

    def add(
        gradio_request: gr.Request, file: dict[str, Any], own: object
    ) -> tuple[list[OwnVoice], gr.Dropdown]:
        with answered_on_page(requested_language(gradio_request.headers)):
            voice = service.voice(http_request(gradio_request), file["path"])
            named = replace(voice, name=voice.name or Path(file["path"]).stem[:MAX_NAME_LENGTH])
            voices = with_voice(own, named)
        return voices, choices([voice["name"] for voice in voices], chosen=voices[-1]["name"])

    own.change(choices, own, names, js=_NAMES, **AT_ONCE)
    chosen = names.change(None, [names, own], file, js=_FILE, **QUIETLY)
    # Gradio has checked the path; its own preprocessing leaves an empty file behind.
    upload.upload(add, [upload, own], [own, names], preprocess=False, **QUIETLY)
    delete.click(None, [names, own], [own, names], js=_DELETE, **QUIETLY)
    let_be_heard(line, _sampling(service), [file])
    looked = chosen.then(look, file, [line, kind], **QUIETLY)
    return VoicePicker(file, kind, looked, names, fold)


def _key(file: str) -> str:
    return hashlib.sha256(file.encode()).hexdigest()


def _sampling(service: SpeechService) -> Callable[[gr.Request, str, str], str]:
    """Gives the handler that lets one of the visitor's voices be heard."""
    samples = VoiceSamples(service, service.studio.settings.keep_seconds)

    def sample(gradio_request: gr.Request, _: str, file: str) -> str:
        request = http_request(gradio_request)
        language = requested_language(request.headers)
        with recorded("page", "text-to-speech"), answered_on_page(language):
            fields = {"text": translate(SAMPLE, language), "voice": file}
            return heard(_key(file), samples.get(request, (_key(file), language), fields))

    return sample


def choices(names: list[str], chosen: str | None = None) -> gr.Dropdown:
    """Gives the update of `VoicePicker.names` for a list, of which one may be chosen."""
    offered = [(_NONE, ""), *((str(name), str(name)) for name in names)]
    return gr.Dropdown(offered) if chosen is None else gr.Dropdown(offered, value=chosen)


def _about(voice: Voice, language: str) -> str:
    about = [N_("Designed: {words}.", words=voice.description)] if voice.description else []
    about += [N_("Confirmed on {words}", words=voice.consent)] if voice.consent else []
    about += [_GOES_ON] if voice.transcript else []
    return hint(sentences(about, language) if about else "")
