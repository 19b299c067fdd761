"""The reference clip on the page: where it comes from, and what is used of it."""

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr
from fastapi import Request
from gradio.components import Component

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.errors import InputError, answered_by_gradio
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.reference import Reference
from voxcpm_space.ui.clip_picture import advice, clip_picture
from voxcpm_space.ui.corrections import Corrections
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
        return _source(clip, url, denoise, start)


def reference_panel() -> ReferencePanel:
    """Adds the panel."""
    clip = gr.Audio(
        label=t("Reference clip, best 5 to 20 s"),
        sources=["upload", "microphone"],
        type="filepath",
        buttons=[],
    )
    url = gr.Textbox(
        label=t("Or the URL of a clip"),
        placeholder="https://example.com/voice.mp3",
        info=t("Audio or video on a public server. Press Enter to look at it."),
        max_lines=1,
    )
    return ReferencePanel(
        clip=clip,
        examples=gr.Column(),
        url=url,
        picture=gr.HTML(elem_id="clip-picture"),
        part=gr.Slider(
            0, 1, step=0.1, label=t("The part to use begins at second"), visible=False, buttons=[]
        ),
        # No gr.State: for that every client holds a connection open, and the server's end waits.
        start=gr.Number(visible=False),
        denoise=gr.Checkbox(label=t("Remove noise from the clip")),
        may_use=gr.Checkbox(label=t(MAY_USE)),
    )


def connect_reference(
    panel: ReferencePanel, transcript: gr.Textbox, service: SpeechService
) -> None:
    """Shows what is used of a clip, and writes down what is said in it."""
    handlers = _Handlers(service)
    clip_in_use: list[Component] = [*panel.source, panel.start]
    quietly: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
    shown: dict[str, Any] = {
        "fn": handlers.look,
        "outputs": [panel.picture, panel.part, panel.start],
        **quietly,
    }
    written: dict[str, Any] = {
        "fn": handlers.write,
        "inputs": clip_in_use,
        "outputs": transcript,
        **quietly,
    }
    for event in (panel.clip.change, panel.denoise.change):
        event(**shown, inputs=panel.source)
    for event in (panel.clip.upload, panel.clip.stop_recording, panel.url.submit):
        event(**shown, inputs=panel.source).then(**written)
    # While the slider moves, only where it comes to rest matters.
    chosen = panel.part.input(
        **shown, inputs=[*panel.source, panel.part], trigger_mode="always_last"
    )
    chosen.then(**written)
    transcript.blur(handlers.correct, [*clip_in_use, transcript], **quietly)


class _Handlers:
    """What Gradio calls when a person gives a clip or changes what is used of it."""

    def __init__(self, service: SpeechService) -> None:
        self._service = service
        self._corrections = Corrections(service.studio.settings.keep_seconds)

    def look(
        self,
        gradio_request: gr.Request,
        clip: str | None,
        url: str,
        denoise: bool,  # noqa: FBT001
        start: float | None = None,
    ) -> tuple[str, gr.Slider, float | None]:
        """Gives the picture of a clip with advice, the slider for its part, and where that is."""
        if not (clip or url.strip()):
            return "", gr.Slider(visible=False), None
        wanted = _source(clip, url, denoise, start)
        language = requested_language(gradio_request.headers)
        try:
            with answered_by_gradio(language):
                reference = self._examined(http_request(gradio_request), wanted)
        except gr.Error as refusal:
            return advice([refusal.message], language), gr.Slider(visible=False), None
        begins = _tenth(reference.start) if reference.is_part else None
        slider = gr.Slider(
            value=begins, maximum=_tenth(reference.seconds) - 1, visible=reference.is_part
        )
        return clip_picture(reference, language), slider, begins

    def write(
        self,
        gradio_request: gr.Request,
        clip: str | None,
        url: str,
        denoise: bool,  # noqa: FBT001
        start: float | None,
    ) -> str:
        """Gives what is said in the part that is used, as the person corrected it if they did."""
        wanted = _source(clip, url, denoise, start) | {"transcribe": True}
        try:
            with answered_by_gradio():
                reference = self._service.examine(http_request(gradio_request), wanted)
        except gr.Error:
            return ""  # the picture's place says why
        corrected = self._corrections.of(_visitor(gradio_request), reference)
        return reference.transcript if corrected is None else corrected

    def correct(self, gradio_request: gr.Request, *shown: Any) -> None:
        """Remembers what the person wrote about the clip that `shown` begins with."""
        *clip, transcript = shown
        with (
            suppress(gr.Error),
            answered_by_gradio(),
        ):  # without a clip there is nothing to know
            reference = self._service.examine(http_request(gradio_request), _source(*clip))
            self._corrections.remember(_visitor(gradio_request), reference, transcript)

    def _examined(self, request: Request, wanted: dict[str, object]) -> Reference:
        """What is shown must be what the speech gets, which the start of the part is sent with."""
        if wanted["reference_start"] is None:
            # Where the part begins does not depend on noise, whose removal takes long.
            chosen = self._service.examine(request, wanted | {"denoise": False})
            if not (chosen.is_part or wanted["denoise"]):
                return chosen
            start = _tenth(chosen.start) if chosen.is_part else None
            wanted = wanted | {"reference_start": start}
        return self._service.examine(request, wanted)


def _visitor(gradio_request: gr.Request) -> str:
    assert gradio_request.session_hash, "Whatever comes from the page has one"
    return gradio_request.session_hash


def _source(
    clip: str | None,
    url: str,
    denoise: bool,  # noqa: FBT001
    start: float | None,
) -> dict[str, object]:
    return {
        "reference_audio_url": clip or url.strip(),
        "denoise": denoise,
        "reference_start": start,
        "transcribe": False,
    }


def _tenth(seconds: float) -> float:
    return math.floor(round(10 * seconds, 3)) / 10
