"""What the examples/ folder offers to start from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True)
class Preset:
    """A voice-design preset."""

    label: str
    description: str
    text: str


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
    return [Preset(entry["label"], entry["description"], entry["text"]) for entry in entries]


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
