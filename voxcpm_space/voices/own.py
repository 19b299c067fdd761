"""A visitor's own voices, in a list that only the visitor's browser keeps."""

import base64

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.voices.file import Voice, voice_file

MOST_VOICES = 20

_MOST_CHARACTERS = 1_800_000
"""Of all files in base64; Gradio writes a third more, and browsers keep from 2.5 million."""

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
