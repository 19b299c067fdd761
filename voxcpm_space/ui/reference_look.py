"""A reference clip is looked at: what is used of it, and what is said in it."""

import base64
import json
import math
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Envelope
from voxcpm_space.encoding import FORMATS, StreamEncoder
from voxcpm_space.errors import InputError, answered_by_gradio
from voxcpm_space.examples import clip_of
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.reference import Corrections, Reference
from voxcpm_space.ui.reference_panel import LINK, ReferencePanel
from voxcpm_space.ui.words import advice, clock, hint, html


def connect_reference(
    panel: ReferencePanel, transcript: gr.Textbox, service: SpeechService
) -> None:
    """Shows what is used of a clip, and writes down what is said in it."""
    handlers = _Handlers(service)
    source = [panel.source, panel.clip, panel.denoise]
    clip_in_use = [*source, panel.start]
    quietly: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
    shown: dict[str, Any] = {
        "fn": handlers.look,
        "outputs": [panel.view, panel.part, panel.start, panel.denoise],
        **quietly,
    }
    written: dict[str, Any] = {
        "fn": handlers.write,
        "inputs": clip_in_use,
        "outputs": transcript,
        **quietly,
    }
    panel.denoise.input(**shown, inputs=source)
    panel.clip.change(**shown, inputs=source).then(**written)
    # While the slider moves, only where it comes to rest matters.
    chosen = panel.part.input(**shown, inputs=[*source, panel.part], trigger_mode="always_last")
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
        source: str,
        clip: str,
        denoise: bool,  # noqa: FBT001
        start: float | None = None,
    ) -> tuple[str, gr.Slider, float | None, gr.Checkbox]:
        """Gives the view of a clip, the slider for its part, where that is, and what can be done.

        A clip that cannot be used is said to be so in its place.
        """
        language = requested_language(gradio_request.headers)
        nothing = gr.Slider(visible=False), None, gr.Checkbox(visible=bool(clip))
        if not clip:
            return Look().value, *nothing
        try:
            with answered_by_gradio(language):
                wanted = reference_source(source, clip, denoise, start)
                reference = self._examined(http_request(gradio_request), wanted)
        except gr.Error as refusal:
            return Look(about=advice([refusal.message], language)).value, *nothing
        begins = _tenth(reference.start) if reference.is_part else None
        slider = gr.Slider(
            value=begins, maximum=_tenth(reference.seconds) - 1, visible=reference.is_part
        )
        return _seen(reference, language).value, slider, begins, gr.Checkbox(visible=True)

    def write(
        self,
        gradio_request: gr.Request,
        source: str,
        clip: str,
        denoise: bool,  # noqa: FBT001
        start: float | None,
    ) -> str:
        """Gives what is said in the part that is used, as the person corrected it if they did."""
        if example := clip_of(clip):
            return example.transcript
        try:
            with answered_by_gradio():
                wanted = reference_source(source, clip, denoise, start) | {"transcribe": True}
                reference = self._service.examine(http_request(gradio_request), wanted)
        except gr.Error:
            return ""  # the clip's place says why
        corrected = self._corrections.of(_visitor(gradio_request), reference)
        return reference.transcript if corrected is None else corrected

    def correct(self, gradio_request: gr.Request, *shown: Any) -> None:
        """Remembers what the person wrote about the clip that `shown` begins with."""
        *clip, transcript = shown
        with (
            suppress(gr.Error),
            answered_by_gradio(),
        ):  # without a clip there is nothing to know
            reference = self._service.examine(http_request(gradio_request), reference_source(*clip))
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


def _tenth(seconds: float) -> float:
    return math.floor(round(10 * seconds, 3)) / 10


@dataclass(frozen=True)
class Look:
    """What the page shows of a clip.

    Attributes:
        sound: What is used of it, as a data: URL of an MP3 file; empty where there is none.
        peaks: How loud that is, from 0 to 1, for each bar of the waveform.
        about: HTML below it.
    """

    sound: str = ""
    peaks: tuple[float, ...] = ()
    about: str = ""

    @property
    def value(self) -> str:
        """What the component takes."""
        return json.dumps(asdict(self))


def _seen(reference: Reference, language: str) -> Look:
    encoder = StreamEncoder(FORMATS["mp3"], ENCODER_SAMPLE_RATE, "")
    mp3 = encoder.encode(reference.samples) + encoder.finish()
    envelope = Envelope()
    envelope.add(reference.samples, ENCODER_SAMPLE_RATE)
    used = N_(
        "Using {start}–{end} of {seconds}.",  # noqa: RUF001  (from one to the other)
        start=clock(reference.start),
        end=clock(reference.end),
        seconds=clock(reference.seconds),
    )
    about = hint(html(used, language)) + advice(reference.warnings, language)
    sound = f"data:{FORMATS['mp3'].media_type};base64,{base64.b64encode(mp3).decode()}"
    return Look(sound, tuple(envelope.bars), about)


def reference_source(
    source: str,
    clip: str,
    denoise: bool,  # noqa: FBT001
    start: float | None,
) -> dict[str, object]:
    """Gives the request's fields that say which clip it is.

    Raises:
        InputError: What should be a link is none.
    """
    if source == LINK and clip and not re.match(r"https?://|data:", clip, re.IGNORECASE):
        raise InputError(
            N_("This is no link. One to a clip begins with https://; please copy all of it."),
            LINK,
        )
    return {
        "reference_audio_url": clip,
        "denoise": denoise,
        "reference_start": start,
        "transcribe": False,
    }
