"""The reference clip on the page: where it comes from, and whether it may be used."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from voxcpm_space.errors import InputError


@dataclass(frozen=True)
class ReferencePanel:
    """Where a person gives a clip.

    Attributes:
        clip: An upload or a recording.
        inputs: Components whose values `fields` takes, in order.
    """

    clip: gr.Audio
    inputs: list[Component]

    @staticmethod
    def fields(
        clip: str | None,
        url: str,
        denoise: bool,  # noqa: FBT001  (Gradio passes values by position)
        may_use: bool,  # noqa: FBT001
    ) -> dict[str, object]:
        """Gives the request's fields for the values of `inputs`.

        Raises:
            InputError: The person has not said that the voice may be used.
        """
        if not may_use:
            raise InputError(
                "Please confirm first that you may use this voice: it is your own, or the person "
                "it belongs to has agreed."
            )
        return {"reference_audio_url": clip or url.strip(), "denoise": denoise}


def reference_panel() -> tuple[ReferencePanel, gr.Column]:
    """Adds the panel; the column in it is for clips to try."""
    clip = gr.Audio(
        label="Reference clip: 5 to 20 s of one clear voice are best",
        sources=["upload", "microphone"],
        type="filepath",
        buttons=[],
    )
    url = gr.Textbox(
        label="Or the URL of a clip",
        placeholder="https://example.com/voice.mp3",
        info="Audio or video on a public server. A clip above comes first.",
        max_lines=1,
    )
    examples = gr.Column()
    denoise = gr.Checkbox(label="Remove noise from the clip")
    may_use = gr.Checkbox(
        label="I may use this voice: it is mine, or the person it belongs to has agreed.",
        elem_id="may-use",
    )
    return ReferencePanel(clip, [clip, url, denoise, may_use]), examples
