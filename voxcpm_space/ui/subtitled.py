"""Subtitles in the player."""

import gradio as gr

from voxcpm_space.studio import Speech
from voxcpm_space.subtitles import cues


def subtitled(speech: Speech | None) -> gr.Audio:
    """Gives the update of a player that sets its subtitles, and leaves its sound alone."""
    if speech is None:
        return gr.Audio(subtitles=None)
    shown = cues(speech.sentences)
    return gr.Audio(
        subtitles=[{"text": cue.text, "timestamp": [cue.start, cue.end]} for cue in shown]
    )
