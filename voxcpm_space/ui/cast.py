"""Whose voices a dialogue on the page has: from what the browser knows to a request, and back.

`assets/dialogue.js` knows the voices by name, as JSON. One is a description, the name of a voice,
the file of a kept voice as a data: URL, `{"kept": name}` for one of the visitor's list, or an
uploaded clip; the narrator's name is empty.
"""

import json
from collections.abc import Container
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from voxcpm_space.compat.gradio import upload_folder
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.schemas import SpeechRequest
from voxcpm_space.text import name_key, speaker_names
from voxcpm_space.ui.fields import Advanced

NARRATOR = N_("Narrator")
LOOKED_AT = 20_000
"""Characters of a script; no setting lets a text be longer."""

_CAST: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


def cast_values(request: SpeechRequest) -> list[object]:
    """Gives what a speech was made from, as the page's fields hold it."""
    cast = {"": request.voice or request.voice_description, **(request.voices or {})}
    return [request.text, json.dumps(cast), *Advanced.values(request)]


def cast_fields(script: str, cast: str, files: str, names: Container[str]) -> dict[str, object]:
    """Gives the request's fields for who is in the script as it is now.

    Args:
        script: The text.
        cast: The voices by name.
        files: Voice files as data: URLs by the names of the visitor's voices, as JSON.
        names: Keys of the names of voices.

    Raises:
        InputError: The script has too many names or pauses, or a clip cannot be used.
    """
    kept = _CAST.validate_json(files)
    voices = {name_key(name): voice for name, voice in _CAST.validate_json(cast or "{}").items()}
    named = {
        name: _voice(name or NARRATOR, voices.get(name_key(name), ""), kept)
        for name in speaker_names(script[:LOOKED_AT])
    }
    narrator = named.pop("", "")
    is_voice = str(narrator).startswith("data:") or name_key(str(narrator)) in names
    return {
        "text": script,
        "voices": named,
        "voice" if is_voice else "voice_description": narrator,
    }


def _voice(name: str, voice: JsonValue, kept: dict[str, JsonValue]) -> JsonValue:
    if not isinstance(voice, dict):
        return voice
    if "kept" in voice:
        if voice["kept"] in kept:
            return kept[str(voice["kept"])]
        raise InputError(
            N_("The voice of {name} is not in this browser any more. Please choose one.", name=name)
        )
    if not _is_here(str(voice.get("path", ""))):
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


def _is_here(path: str) -> bool:
    """Whether an upload is there still; says nothing of other files."""
    file = Path(path).resolve()
    return file.is_relative_to(upload_folder()) and file.is_file()
