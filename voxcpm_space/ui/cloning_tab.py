"""The Voice Cloning tab."""

from typing import Any

import gradio as gr
from fastapi import Request
from gradio.components import Component

from voxcpm_space.api.desk import FrontDesk
from voxcpm_space.examples import clips
from voxcpm_space.studio import Events
from voxcpm_space.ui.advanced import Advanced, advanced_settings
from voxcpm_space.ui.generation import How, Start, connect, result_panel, take_buttons
from voxcpm_space.ui.reference_panel import ReferencePanel, connect_reference, reference_panel
from voxcpm_space.ui.text_field import text_field

_STYLE_INFO = "How to say it, in plain words. Not together with a transcript."
_STYLE_OFF = "Off, since a transcript is given: VoxCPM2 would read the style aloud."


def cloning_tab(desk: FrontDesk) -> None:
    """Adds the tab's content."""
    settings = desk.studio.settings
    with gr.Row(equal_height=False):
        with gr.Column(scale=3):
            reference = reference_panel()
            transcript, style = _transcript_or_style()
            text = text_field("What should the voice say?", settings.max_text_length, lines=4)
            advanced = advanced_settings(settings.max_dit_steps)
            buttons = take_buttons()
        with gr.Column(scale=2):
            result = result_panel(advanced.seed, settings.keep_seconds)
    with reference.examples:
        _voices_to_try([reference.clip, transcript, text])

    connect_reference(reference, transcript, desk)

    def events(
        asked: Request, how: How, transcript: str, style: str, text: str, *values: Any
    ) -> Events:
        of_reference, of_advanced = values[: len(reference.inputs)], values[len(reference.inputs) :]
        fields = {
            "text": text,
            "prompt_text": transcript,
            "style": "" if transcript.strip() else style,
            **ReferencePanel.fields(*of_reference),
            **Advanced.fields(*of_advanced),
        }
        return desk.clone(asked, fields, **how)

    inputs = [transcript, style, text, *reference.inputs, *advanced.inputs]
    connect(desk, buttons, Start("voice-cloning", inputs, events), result)


def _transcript_or_style() -> tuple[gr.Textbox, gr.Textbox]:
    """Two fields of which only one can be used: a transcript turns the style off."""
    transcript = gr.Textbox(
        label="Transcript of the clip (optional)",
        info="Exactly what is said in the clip, word for word: gives the closest clone.",
    )
    style = gr.Textbox(
        label="Style (optional)", placeholder="cheerful, a little faster", info=_STYLE_INFO
    )
    transcript.change(
        lambda given: gr.Textbox(
            interactive=not given.strip(), info=_STYLE_OFF if given.strip() else _STYLE_INFO
        ),
        inputs=transcript,
        outputs=style,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    return transcript, style


def _voices_to_try(inputs: list[Component]) -> None:
    gr.Examples(
        examples=[[str(clip.path), clip.transcript, clip.text] for clip in clips()],
        inputs=inputs,
        example_labels=[clip.name for clip in clips()],
        label="Voices to try",
        examples_per_page=20,
        api_visibility="private",
    )
