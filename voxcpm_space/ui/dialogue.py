"""The Dialogue tab: who says what, in rows or as a pasted script, and a voice for each name.

`assets/dialogue.js` shows the rows. `cast` is JSON of their voices by name, the narrator's empty: a
description, the name of a voice, the file of a kept voice as a data: URL, `{"kept": name}` for one
of the visitor's list, or an uploaded clip.
"""

import json
from collections.abc import Container
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import Request
from pydantic import JsonValue, TypeAdapter

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.compat.gradio import upload_folder
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips, dialogue, presets
from voxcpm_space.messages import ENGLISH, N_, requested_language, translate
from voxcpm_space.schemas import SpeechRequest
from voxcpm_space.text import MAX_NAMES, name_key, parse_dialogue, speaker_names, written_turns
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.fields import Advanced, advanced_settings, text_tools
from voxcpm_space.ui.generate_buttons import generate_buttons
from voxcpm_space.ui.generation import SpeechTab
from voxcpm_space.ui.reference_panel import MAY_USE, NOT_UPLOADED
from voxcpm_space.ui.words import AT_ONCE, advice, t

NAME = "dialogue"
_NARRATOR = N_("Narrator")
_LOOKED_AT = 20_000
"""Characters of a script; no setting lets a text be longer."""
_CAST = TypeAdapter(dict[str, JsonValue])
_MODULE = "dialogue.js"
_WORDS = {
    "speaker": N_("Speaker of line {number}", number="{number}"),
    "narrator": _NARRATOR,
    "same": N_("goes on"),
    "line": N_("Line {number}", number="{number}"),
    "voice": N_("Voice of {name}", name="{name}"),
    "description": N_("Description of {name}'s voice", name="{name}"),
    "placeholder": N_("A cheerful young woman"),
    "chance": N_("Any voice"),
    "describe": N_("Describe a voice…"),
    "described": N_("As described"),
    "own": N_("My voices"),
    "clip": N_("A clip of your own…"),
    "clip_of": N_("Clip for {name}", name="{name}"),
    "play": N_("Play the clip for {name}", name="{name}"),
    "choose": N_("Choose a clip"),
    "may_use": MAY_USE,
    "remove": N_("Remove line {number}", number="{number}"),
    "add": N_("Add a line"),
    "paste": N_("Paste a script"),
    "rows": N_("Back to rows"),
    "example": N_("Fill in an example"),
    "no_name": N_(
        "A name has at most three words and 40 characters, and no marks such as a comma. There can "
        "be {most}.",
        most=MAX_NAMES,
    ),
    "not_uploaded": NOT_UPLOADED,
}
_TEMPLATE = """<datalist id="speakers"></datalist><ol class="turns"></ol>
<p class="advice" hidden></p><div class="row-buttons"></div>"""


def dialogue_tab(service: SpeechService, own: gr.BrowserState) -> SpeechTab:
    """Adds the tab's content; `own` are the visitor's voices."""
    with gr.Column(elem_id="dialogue"):
        cast = component(_MODULE, _WORDS, value="", html_template=_TEMPLATE, elem_classes="cast")
        script = gr.Textbox(
            label=t("Script"),
            placeholder=t("Ann: What should she say? Begin a line with a name and a colon."),
            lines=8,
            max_lines=16,
            elem_classes=["text", "script"],
        )
        text_tools(script, parse_dialogue, service.studio.settings.max_text_length)
        line = gr.HTML(padding=False, elem_classes="look")
        files = gr.Textbox(visible=False, value="{}")
    buttons = generate_buttons()
    advanced = advanced_settings(service.studio.settings)
    _connect(service, cast, script, line)
    gr.on([cast.change, own.change], None, [cast, own], files, js=call(_MODULE, "files"), **AT_ONCE)

    def fields(
        request: Request, script: str, cast: str, files: str, *of_advanced: Any
    ) -> dict[str, object]:
        names = {name_key(voice.name) for voice in service.voices(request)}
        return {**cast_fields(script, cast, files, names), **Advanced.fields(*of_advanced)}

    inputs = [script, cast, files, *advanced.inputs]
    kept = [script, cast, *advanced.inputs]
    return SpeechTab(
        NAME, buttons, inputs, fields, "text-to-speech", kept, cast_values, advanced.seed
    )


def _connect(service: SpeechService, cast: gr.HTML, script: gr.Textbox, line: gr.HTML) -> None:
    """Lets rows and script follow each other, and offers voices to choose from."""
    turns, offered = gr.Textbox(visible=False), gr.Textbox(visible=False)
    cast.input(None, cast, script, js=call(_MODULE, "written"), **AT_ONCE)
    talk = dialogue()
    example = talk.text, json.dumps({"": talk.narrator, **talk.voices})
    cast.select(lambda: example, None, [script, cast], **AT_ONCE)
    # While one look is under way, only the newest script matters.
    looked = script.change(_look, script, [line, turns], trigger_mode="always_last", **AT_ONCE)
    looked.then(None, [turns, script], None, js=call(_MODULE, "read"), **AT_ONCE)

    def offer(gradio_request: gr.Request) -> str:
        return json.dumps(_offered(service, gradio_request))

    loaded = gr.on(None, offer, inputs=[], outputs=offered, **AT_ONCE)  # with the page
    loaded.then(None, offered, None, js=call(_MODULE, "offered"), **AT_ONCE)


def _offered(service: SpeechService, gradio_request: gr.Request) -> list[dict[str, Any]]:
    """Gives what can be chosen: groups, and in each what it is and how it is called."""
    language = requested_language(gradio_request.headers)
    named = {clip.voice: translate(N_(clip.name), language) for clip in clips()}
    first = sorted(presets(), key=lambda one: (one.language == "English") != (language == ENGLISH))
    described = [
        {"is": one.description, "label": translate(N_(one.label), language)} for one in first
    ]
    here = service.voices(http_request(gradio_request))
    by_name = [{"is": one.name, "label": named.get(one.name, one.name)} for one in here]
    label = translate(N_("Voices of this server"), language)
    return [
        {"label": translate(N_("Voices to start from"), language), "voices": described},
        {"label": label, "voices": by_name, "isNamed": True},
    ]


def _look(gradio_request: gr.Request, script: str) -> tuple[str, str]:
    """Gives what is wrong with a script, and its turns for the rows."""
    text = script[:_LOOKED_AT]
    turns = [(turn.name, turn.text) for turn in written_turns(text)]
    told = json.dumps({"script": script, "turns": turns})
    try:
        speaker_names(text)
    except InputError as error:
        return advice([error.message], requested_language(gradio_request.headers)), told
    return "", told


def cast_values(request: SpeechRequest) -> list[object]:
    """Gives what a speech was made from, as the page's fields hold it."""
    cast = {"": request.voice or request.voice_description, **(request.voices or {})}
    return [request.text, json.dumps(cast), *Advanced.values(request)]


def cast_fields(script: str, cast: str, files: str, names: Container[str]) -> dict[str, object]:
    """Gives the request's fields for who is in the script as it is now.

    Args:
        script: The text.
        cast: The voices by name, as JSON.
        files: As JSON, data: URLs of voice files by the names of the visitor's voices.
        names: Keys of the names of voices.

    Raises:
        InputError: The script has too many names or pauses, or a clip cannot be used.
    """
    kept = _CAST.validate_json(files)
    voices = {name_key(name): voice for name, voice in _CAST.validate_json(cast or "{}").items()}
    named = {
        name: _voice(name or _NARRATOR, voices.get(name_key(name), ""), kept)
        for name in speaker_names(script[:_LOOKED_AT])
    }
    narrator = named.pop("", "")
    is_voice = str(narrator).startswith("data:") or name_key(str(narrator)) in names
    own = "voice" if is_voice else "voice_description"
    return {"text": script, "voices": named, own: narrator}


def _voice(name: str, voice: JsonValue, kept: dict[str, JsonValue]) -> JsonValue:
    if not isinstance(voice, dict):
        return voice
    if "kept" in voice:
        if voice["kept"] in kept:
            return kept[str(voice["kept"])]
        raise InputError(
            N_("The voice of {name} is not in this browser any more. Please choose one.", name=name)
        )
    clip = Path(str(voice.get("path", ""))).resolve()
    if not (clip.is_relative_to(upload_folder()) and clip.is_file()):  # no other file is looked for
        raise InputError(N_("There is no clip for {name}. Please choose one.", name=name))
    if not voice.get("mayUse"):
        raise InputError(
            N_(
                "Please confirm first that you may use the voice of {name}: it is your own, or the "
                "person it belongs to has agreed.",
                name=name,
            )
        )
    return voice
