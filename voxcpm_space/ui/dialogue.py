"""The Dialogue tab: who says what, in rows or as a pasted script, and a voice for each name.

`assets/dialogue.js` shows the rows. The script is what they say; `cast` is whose voices they have.
"""

import json
from collections.abc import Iterable
from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips, dialogue, presets
from voxcpm_space.messages import ENGLISH, N_, requested_language, translate
from voxcpm_space.text import MAX_NAMES, name_key, parse_dialogue, speaker_names, written_turns
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.cast import LOOKED_AT, NARRATOR, cast_fields, cast_values
from voxcpm_space.ui.fields import Advanced, advanced_settings
from voxcpm_space.ui.generate_buttons import generate_buttons
from voxcpm_space.ui.generation import SpeechTab
from voxcpm_space.ui.handlers import AT_ONCE
from voxcpm_space.ui.reference_panel import MAY_USE
from voxcpm_space.ui.text_tools import text_tools
from voxcpm_space.ui.words import advice, t

NAME = "dialogue"

_MODULE = "dialogue.js"
_WORDS = {
    "speaker": N_("Speaker of line {number}", number="{number}"),
    "narrator": NARRATOR,
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
    "not_uploaded": N_("The clip could not be uploaded. Please try again."),
}
_TEMPLATE = """
<datalist id="speakers"></datalist>
<ol class="turns"></ol>
<p class="advice" hidden></p>
<div class="row-buttons"></div>
"""


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
    used: dict[str, Any] = {"outputs": files, "js": call(_MODULE, "files"), **AT_ONCE}
    gr.on([cast.change, own.change], None, [cast, own], **used)

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
    cast.select(_example, None, [script, cast], **AT_ONCE)
    # While one look is under way, only the newest script matters.
    looked = script.change(_look, script, [line, turns], trigger_mode="always_last", **AT_ONCE)
    looked.then(None, [turns, script], None, js=call(_MODULE, "read"), **AT_ONCE)

    def offer(gradio_request: gr.Request) -> str:
        return json.dumps(list(_offered(service, gradio_request)))

    loaded = gr.on(None, offer, inputs=[], outputs=offered, **AT_ONCE)  # with the page
    loaded.then(None, offered, None, js=call(_MODULE, "offered"), **AT_ONCE)


def _offered(service: SpeechService, gradio_request: gr.Request) -> Iterable[dict[str, Any]]:
    """Gives what can be chosen: groups, and in each what it is and how it is called."""
    language = requested_language(gradio_request.headers)
    own = "English" if language == ENGLISH else "Chinese"
    named = {clip.voice: translate(N_(clip.name), language) for clip in clips()}
    yield {
        "label": translate(N_("Voices to start from"), language),
        "voices": [
            {"is": preset.description, "label": translate(N_(preset.label), language)}
            for preset in sorted(presets(), key=lambda preset: preset.language != own)
        ],
    }
    yield {
        "label": translate(N_("Voices of this server"), language),
        "isNamed": True,
        "voices": [
            {"is": voice.name, "label": named.get(voice.name, voice.name)}
            for voice in service.voices(http_request(gradio_request))
        ],
    }


def _look(gradio_request: gr.Request, script: str) -> tuple[str, str]:
    """Gives what is wrong with a script, and its turns for the rows."""
    text = script[:LOOKED_AT]
    turns = [(turn.name, turn.text) for turn in written_turns(text)]
    told = json.dumps({"script": script, "turns": turns})
    try:
        speaker_names(text)
    except InputError as error:
        return advice([error.message], requested_language(gradio_request.headers)), told
    return "", told


def _example() -> tuple[str, str]:
    talk = dialogue()
    return talk.text, json.dumps({"": talk.narrator, **talk.voices})
