"""The reference clip on the page: where it comes from, and what is used of it."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.ui.words import t

MAY_USE = N_("I may use this voice: it is mine, or the person it belongs to has agreed.")


@dataclass(frozen=True)
class ReferencePanel:
    """Where a person gives a clip and looks at it.

    Attributes:
        clip: An upload or a recording.
        examples: Where clips to try belong.
        inputs: Components whose values `fields` takes, in order.
    """

    clip: gr.Audio
    examples: gr.Column
    url: gr.Textbox
    denoise: gr.Checkbox
    picture: gr.HTML
    part: gr.Slider
    start: gr.Number
    may_use: gr.Checkbox

    @property
    def source(self) -> list[Component]:
        """What says which clip it is."""
        return [self.clip, self.url, self.denoise]

    @property
    def inputs(self) -> list[Component]:
        """What `fields` takes."""
        return [*self.source, self.start, self.may_use]

    def more(self) -> None:
        """Adds what most people need not see."""
        self.url.render()  # type: ignore[no-untyped-call]
        self.denoise.render()  # type: ignore[no-untyped-call]

    @staticmethod
    def fields(
        clip: str | None,
        url: str,
        denoise: bool,  # noqa: FBT001  (Gradio passes values by position)
        start: float | None,
        may_use: bool,  # noqa: FBT001
    ) -> dict[str, object]:
        """Gives the request's fields for the values of `inputs`.

        Raises:
            InputError: The person has not said that the voice may be used.
        """
        if not may_use:
            raise InputError(
                N_(
                    "Please confirm first that you may use this voice: it is your own, or the "
                    "person it belongs to has agreed."
                )
            )
        # The page has asked the recognizer already, and the person has seen what it wrote.
        return reference_source(clip, url, denoise, start)


def reference_panel() -> ReferencePanel:
    """Adds the panel, but for what `more` adds elsewhere."""
    clip = gr.Audio(
        label=t("Reference clip, best 5 to 20 s"),
        sources=["upload", "microphone"],
        type="filepath",
        buttons=[],
        elem_classes="upload",
    )
    return ReferencePanel(
        clip=clip,
        examples=gr.Column(),
        picture=gr.HTML(elem_id="clip-picture"),
        part=gr.Slider(
            0, 1, step=0.1, label=t("The part to use begins at second"), visible=False, buttons=[]
        ),
        # No gr.State: for that every client holds a connection open, and the server's end waits.
        start=gr.Number(visible=False),
        may_use=gr.Checkbox(label=t(MAY_USE)),
        url=gr.Textbox(
            label=t("Or the URL of a clip"),
            placeholder="https://example.com/voice.mp3",
            info=t("Press Enter to look at it."),
            max_lines=1,
            render=False,
        ),
        denoise=gr.Checkbox(label=t("Remove noise from the clip"), render=False),
    )


def reference_source(
    clip: str | None,
    url: str,
    denoise: bool,  # noqa: FBT001
    start: float | None,
) -> dict[str, object]:
    """Gives the request's fields that say which clip it is."""
    return {
        "reference_audio_url": clip or url.strip(),
        "denoise": denoise,
        "reference_start": start,
        "transcribe": False,
    }
