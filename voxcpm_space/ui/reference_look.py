"""A reference clip is looked at: what is used of it, and what is said in it."""

import hashlib
import math
from contextlib import suppress
from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.messages import requested_language
from voxcpm_space.pictures import clip_picture
from voxcpm_space.reference import Reference
from voxcpm_space.text import MAX_TRANSCRIPT_LENGTH
from voxcpm_space.ui.reference_panel import ReferencePanel, reference_source
from voxcpm_space.ui.words import advice, figure

_MOST = 1024


class Corrections:
    """Transcripts as they were corrected, found again by visitor and clip, wherever it is from."""

    def __init__(self, keep_seconds: float) -> None:
        """Starts with none.

        Args:
            keep_seconds: Age at which one is forgotten.
        """
        self._kept: SingleFlightCache[str] = SingleFlightCache(
            _MOST, keep_seconds, size_of=lambda _: 1
        )

    def remember(self, visitor: str, clip: Reference, transcript: str) -> None:
        """Keeps what the visitor wrote, where that can be a transcript."""
        if 0 < len(transcript.strip()) <= MAX_TRANSCRIPT_LENGTH:
            self._kept.put(_key(visitor, clip), transcript)

    def of(self, visitor: str, clip: Reference) -> str | None:
        """Gives what the visitor wrote; other people's words stay theirs."""
        return self._kept.peek(_key(visitor, clip))


def _key(visitor: str, clip: Reference) -> tuple[str, bytes]:
    return visitor, hashlib.sha256(clip.samples.tobytes()).digest()


def connect_reference(
    panel: ReferencePanel, transcript: gr.Textbox, service: SpeechService
) -> None:
    """Shows what is used of a clip, and writes down what is said in it."""
    handlers = _Handlers(service)
    clip_in_use = [*panel.source, panel.start]
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
        wanted = reference_source(clip, url, denoise, start)
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
        return _shown(reference, language), slider, begins

    def write(
        self,
        gradio_request: gr.Request,
        clip: str | None,
        url: str,
        denoise: bool,  # noqa: FBT001
        start: float | None,
    ) -> str:
        """Gives what is said in the part that is used, as the person corrected it if they did."""
        wanted = reference_source(clip, url, denoise, start) | {"transcribe": True}
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


def _shown(reference: Reference, language: str) -> str:
    picture = figure(clip_picture(reference), language, is_captioned=not reference.is_part)
    return picture + advice(reference.warnings, language)  # of which one says the part
