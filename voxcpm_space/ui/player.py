"""The player: one audio element that plays a speech while it is made, and then holds its file.

Below it stands what is being said.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import gradio as gr

from voxcpm_space.synthesis import Span

_LABEL = "Result"
_TEMPLATE = f"""
<audio controls preload="metadata" aria-label="{_LABEL}"></audio>
<p class="subtitles"></p>
"""
_SCRIPT = Path(__file__).with_name("player.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Playing:
    """What the player has; it changes as a speech goes on.

    Attributes:
        live: URL of a speech in the making; empty before it may be played.
        prebuffer_seconds: Seconds that must be in hand before it is played, also where it ran out.
        file: URL of the finished speech; empty before.
        subtitles: Text, start and end in seconds, of what is shown together while it plays.
        muted: Whether to be silent now, since a person pressed Stop.
    """

    live: str = ""
    prebuffer_seconds: float = 0.0
    file: str = ""
    subtitles: tuple[Span, ...] = ()
    muted: bool = False

    @property
    def value(self) -> str:
        """What the component takes."""
        return json.dumps(asdict(self))


def player() -> gr.HTML:
    """Adds the player; its values are those of `Playing`."""
    return gr.HTML(
        Playing().value,
        show_label=False,
        container=True,
        html_template=_TEMPLATE,
        js_on_load=_SCRIPT,
        apply_default_css=False,
        elem_classes="player",
    )
