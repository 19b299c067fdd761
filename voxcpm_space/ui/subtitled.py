"""Subtitles in the player."""

from typing import Any

import gradio as gr

from voxcpm_space.studio import Speech
from voxcpm_space.subtitles import cues
from voxcpm_space.ui.generation import Result


def show_subtitles(result: Result) -> None:
    """Makes the player show what is said, as soon as there is a speech."""
    result.speech.change(
        subtitles_of,
        inputs=result.speech,
        outputs=result.audio,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )


def subtitles_of(speech: Speech | None) -> gr.Audio:
    """Gives the update of the player that sets its subtitles, and leaves its sound alone."""
    return gr.Audio(subtitles=_subtitles(speech) if speech else None)


def _subtitles(speech: Speech) -> list[dict[str, Any]]:
    return [{"text": cue.text, "timestamp": [cue.start, cue.end]} for cue in cues(speech.sentences)]
