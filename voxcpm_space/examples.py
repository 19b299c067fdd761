"""What the examples/ folder offers to start from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True)
class Preset:
    """A voice-design preset."""

    label: str
    description: str
    text: str
    language: str


@dataclass(frozen=True)
class Dialogue:
    """A text with a description of the voice before all names, and of those by name."""

    text: str
    narrator: str
    voices: Mapping[str, str]


@dataclass(frozen=True)
class Clip:
    """A reference clip with what is said in it, and what its clone might say."""

    name: str
    path: Path
    transcript: str
    text: str

    @property
    def voice(self) -> str:
        """The name that programs use for it."""
        return self.path.stem


@cache
def presets() -> list[Preset]:
    """Reads examples/presets.json."""
    entries = json.loads((EXAMPLES / "presets.json").read_text("utf-8"))
    return [
        Preset(entry["label"], entry["description"], entry["text"], entry["language"])
        for entry in entries
    ]


@cache
def dialogue() -> Dialogue:
    """Reads examples/dialogue.json."""
    entry = json.loads((EXAMPLES / "dialogue.json").read_text("utf-8"))
    return Dialogue(entry["text"], entry["narrator"], entry["voices"])


@cache
def clips() -> list[Clip]:
    """Reads examples/clips.json."""
    entries = json.loads((EXAMPLES / "clips.json").read_text("utf-8"))
    return [
        Clip(entry["name"], EXAMPLES / entry["file"], entry["transcript"], entry["text"])
        for entry in entries
    ]


def clip_of(voice: object) -> Clip | None:
    """Gives the clip of a voice's name; None where there is none of that name."""
    return next((clip for clip in clips() if clip.voice == voice), None)


def extract_names(
    file: IO[bytes],
    _keywords: object,
    _comment_tags: object,
    options: object,  # noqa: ARG001  (Babel gives it by name)
) -> list[tuple[int, str, str, list[str]]]:
    """Gives Babel the English names of the examples in a file, which the page translates."""
    names = [entry.get("label") or entry["name"] for entry in json.load(file)]
    return [(1, "", name, []) for name in names if name.isascii()]
