"""The Voice Cloning tab."""

from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.service import SpeechService
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clip_of
from voxcpm_space.messages import N_
from voxcpm_space.schemas import CloningRequest, Operation
from voxcpm_space.text import parse_script
from voxcpm_space.ui.assets import call
from voxcpm_space.ui.fields import Advanced, advanced_settings, link_button, text_field, text_tools
from voxcpm_space.ui.generate_buttons import generate_buttons
from voxcpm_space.ui.generation import SpeechTab
from voxcpm_space.ui.reference_look import connect_reference, reference_source
from voxcpm_space.ui.reference_panel import OWN_VOICES, ReferencePanel, reference_panel
from voxcpm_space.ui.voices import HAS_TRANSCRIPT
from voxcpm_space.ui.words import AT_ONCE, t

NAME: Operation = "voice-cloning"

_TRANSCRIPT_INFO = t("Exactly what is said in the clip, word for word: gives the closest clone.")
_STYLE_OFF = t("Off, since a transcript is given: VoxCPM2 would read the style aloud.")
_STYLE_OFF_FOR_VOICE = t("Off, since the chosen voice was kept with its transcript.")


def cloning_tab(service: SpeechService, own: gr.BrowserState) -> tuple[SpeechTab, ReferencePanel]:
    """Adds the tab's content; `own` are the visitor's voices."""
    settings = service.studio.settings
    reference = reference_panel(service, own)
    text = text_field(t("What should the voice say?"), lines=3, label=t("2. Text"))
    text_tools(text, parse_script, settings.max_text_length)
    reference.cards.select(None, text, text, js=call("clips.js", "said"), **AT_ONCE)
    buttons = generate_buttons()
    transcript, style = _transcript_or_style(reference)
    advanced = advanced_settings(settings)
    link_button(NAME, text, reference.clip)
    connect_reference(reference, transcript, service)

    def fields(_: Request, text: str, *values: Any) -> dict[str, object]:
        of_source, of_advanced = values[: len(source)], values[len(source) :]
        return {"text": text, **_source_fields(*of_source), **Advanced.fields(*of_advanced)}

    voices = reference.voices
    source = [voices.file, voices.kind, transcript, style, *reference.inputs]
    inputs = [text, *source, *advanced.inputs]
    kept = [text, transcript, style, *advanced.inputs]
    shown = (advanced.seed, voices, reference.source)
    return SpeechTab(NAME, buttons, inputs, fields, NAME, kept, _values, *shown), reference


def _values(request: CloningRequest) -> list[object]:
    """Gives what a speech was made from, as the page's fields hold it; the clip stays as it is."""
    return [request.text, request.prompt_text, request.style, *Advanced.values(request)]


def _source_fields(
    voice: str, kind: str, transcript: str, style: str, source: str, *of_clip: Any
) -> dict[str, object]:
    """Gives the request's fields for a chosen voice or for the clip.

    Raises:
        InputError: None was chosen, or the clip may not be used.
    """
    if source == OWN_VOICES:
        if not voice:
            raise InputError(N_("Please choose one of your voices, or give a clip."), OWN_VOICES)
        return {"voice": voice, "style": "" if kind == HAS_TRANSCRIPT else style}
    return {
        "prompt_text": transcript,
        "style": "" if transcript.strip() else style,
        **clip_fields(source, *of_clip),
    }


def _transcript_or_style(panel: ReferencePanel) -> tuple[gr.Textbox, gr.Textbox]:
    """Two fields of which only one can be used: a transcript turns the style off.

    The transcript is there as long as a clip is; a kept voice brings its own or has none.
    """
    transcript = gr.Textbox(
        value="",
        label=t("Transcript of the clip (optional)"),
        info=_TRANSCRIPT_INFO,
        visible=False,
        elem_classes="field-prompt_text",
    )
    style = gr.Textbox(
        label=t("Style (optional)"),
        placeholder=t("cheerful, a little faster"),
        elem_classes="field-style",
    )
    panel.clip.change(None, panel.clip, transcript, js=call("clips.js", "heard"), **AT_ONCE)
    given = [panel.clip, transcript, panel.source, panel.voices.kind]
    for event in (panel.source.change, transcript.change, panel.voices.looked.then):
        event(_style_field, given, style, **AT_ONCE)
    return transcript, style


def _style_field(clip: str, transcript: str, source: str, kind: str) -> gr.Textbox:
    off = None
    if source == OWN_VOICES:
        off = _STYLE_OFF_FOR_VOICE if kind == HAS_TRANSCRIPT else None
    elif clip and transcript.strip():
        off = _STYLE_OFF
    return gr.Textbox(interactive=not off, info=off)


def clip_fields(
    source: str,
    clip: str,
    denoise: bool,  # noqa: FBT001  (Gradio passes values by position)
    start: float | None,
    may_use: bool,  # noqa: FBT001
) -> dict[str, object]:
    """Gives the request's fields for the values of `inputs`.

    Raises:
        InputError: It is no clip, or the person has not said that the voice may be used.
    """
    if not clip:
        raise InputError(
            N_("Please choose an example, upload or record a clip, or give a link to one."),
            "source",
        )
    if not may_use and not clip_of(clip):
        raise InputError(
            N_(
                "Please confirm first that you may use this voice: it is your own, or the "
                "person it belongs to has agreed."
            ),
            "may_use",
        )
    # The page has asked the recognizer already, and the person has seen what it wrote.
    return reference_source(source, clip, denoise, start)
