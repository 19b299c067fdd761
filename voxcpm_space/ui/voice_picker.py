"""A visitor's own voices on a tab: chosen, brought along as a file, deleted."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.ui.clip_picture import advice
from voxcpm_space.ui.handlers import AT_ONCE, QUIETLY, answered_on_page
from voxcpm_space.ui.own_voices import OwnVoice, with_voice
from voxcpm_space.ui.status_line import hint
from voxcpm_space.ui.words import script, sentences, t
from voxcpm_space.voices import MAX_NAME_LENGTH, Voice

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
    """

    file: gr.Textbox
    kind: gr.Textbox
    looked: Dependency


def voice_picker(service: SpeechService, own: gr.BrowserState) -> VoicePicker:
    """Adds the folded picker."""
    with gr.Accordion(t("My voices"), open=False):
        names = gr.Dropdown([(_NONE, "")], value="", label=t("Speak with"), info=_HINT)
        line = gr.HTML(padding=False)
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
        return _about(voice, language), HAS_TRANSCRIPT if voice.transcript else PLAIN

    def add(
        gradio_request: gr.Request, file: dict[str, Any], own: object
    ) -> tuple[list[OwnVoice], gr.Dropdown]:
        with answered_on_page(requested_language(gradio_request.headers)):
            voice = service.voice(http_request(gradio_request), file["path"])
            named = replace(voice, name=voice.name or Path(file["path"]).stem[:MAX_NAME_LENGTH])
            voices = with_voice(own, named)
        return voices, _choices([voice["name"] for voice in voices], chosen=voices[-1]["name"])

    own.change(_choices, own, names, js=_NAMES, **AT_ONCE)
    chosen = names.change(None, [names, own], file, js=_FILE, **QUIETLY)
    # Gradio has checked the path; its own preprocessing leaves an empty file behind.
    upload.upload(add, [upload, own], [own, names], preprocess=False, **QUIETLY)
    delete.click(None, [names, own], [own, names], js=_DELETE, **QUIETLY)
    return VoicePicker(file, kind, chosen.then(look, file, [line, kind], **QUIETLY))


def _choices(names: list[str], chosen: str | None = None) -> gr.Dropdown:
    choices = [(_NONE, ""), *((str(name), str(name)) for name in names)]
    return gr.Dropdown(choices) if chosen is None else gr.Dropdown(choices, value=chosen)


def _about(voice: Voice, language: str) -> str:
    about = [N_("Designed: {words}.", words=voice.description)] if voice.description else []
    about += [N_("Confirmed on {words}", words=voice.consent)] if voice.consent else []
    about += [_GOES_ON] if voice.transcript else []
    return hint(sentences(about, language) if about else "")
