"""A visitor's own voices: a list that only the visitor's browser keeps, and where one is chosen."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.api.voice_samples import VoiceSamples
from voxcpm_space.errors import InputError, answered_by_gradio
from voxcpm_space.messages import N_, requested_language, translate
from voxcpm_space.monitoring import recorded
from voxcpm_space.ui.assets import component
from voxcpm_space.ui.handlers import AT_ONCE, QUIETLY, answered_on_page
from voxcpm_space.ui.voice_cards import SAMPLE, hear_button, heard, let_be_heard
from voxcpm_space.ui.words import advice, hint, script, sentences, t
from voxcpm_space.voices import MAX_NAME_LENGTH, Voice, voice_file

MOST_VOICES = 20
_MOST_CHARACTERS = 1_800_000
"""Of all files in base64; Gradio writes a third more, and browsers keep from 2.5 million."""
_KEY = "voxcpm-voices"

_NO_ROOM = N_(
    "This browser keeps {count} voices or about 1.3 MB of them, and has no room for this one. "
    "Please delete another one first; this one you can still download.",
    count=MOST_VOICES,
)
_UNNAMED = "Voice"


class OwnVoice(TypedDict):
    """A voice in the list.

    Attributes:
        name: Unlike that of any other.
        file: Its voice file, as a data: URL.
    """

    name: str
    file: str


_LIST = TypeAdapter(list[OwnVoice])


def own_voices() -> gr.BrowserState:
    """Adds the list; its key must not change from one start of the server to the next."""
    return gr.BrowserState([], storage_key=_KEY, secret=_KEY)


def with_voice(own: object, voice: Voice) -> list[OwnVoice]:
    """Gives the list with one more, which is the last.

    Args:
        own: What the browser sent.
        voice: To be added; it gets another name where there is one of that name.

    Raises:
        InputError: There is no room for it.
    """
    voices = _listed(own)
    content = base64.b64encode(voice_file(voice)).decode()
    name = _free_name(voice.name or _UNNAMED, {one["name"] for one in voices})
    voices.append({"name": name, "file": f"data:;base64,{content}"})
    if len(voices) > MOST_VOICES or sum(len(one["file"]) for one in voices) > _MOST_CHARACTERS:
        raise InputError(_NO_ROOM)
    return voices


def _listed(own: object) -> list[OwnVoice]:
    try:
        return _LIST.validate_python(own, strict=True)
    except ValidationError:
        return []


def _free_name(name: str, taken: set[str]) -> str:
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 2))
    return next(one for one in (name, *numbered) if one not in taken)


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
        return hear_button(_key(file), voice.name, language) + _about(
            voice, language
        ), HAS_TRANSCRIPT if voice.transcript else PLAIN

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
