"""The Voice Cloning tab."""

from typing import Any

import gradio as gr
from fastapi import Request
from gradio.components import Component

from voxcpm_space.api.service import SpeechService
from voxcpm_space.examples import clips
from voxcpm_space.messages import ENGLISH, N_, requested_language, translate
from voxcpm_space.schemas import CloningRequest, Operation
from voxcpm_space.text import parse_script
from voxcpm_space.ui.fields import Advanced, advanced_settings, text_field
from voxcpm_space.ui.generate_buttons import generate_buttons
from voxcpm_space.ui.generation import SpeechTab
from voxcpm_space.ui.handlers import AT_ONCE
from voxcpm_space.ui.reference_look import connect_reference
from voxcpm_space.ui.reference_panel import ReferencePanel, reference_panel
from voxcpm_space.ui.text_tools import text_tools
from voxcpm_space.ui.voices import HAS_TRANSCRIPT, VoicePicker, voice_picker
from voxcpm_space.ui.words import t

NAME: Operation = "voice-cloning"

_TRANSCRIPT_INFO = t("Exactly what is said in the clip, word for word: gives the closest clone.")
_TRANSCRIPT_OFF = t("Off, since one of your voices is chosen, in place of a clip.")
_STYLE_INFO = t("How to say it, in plain words. Not together with a transcript.")
_STYLE_OFF = t("Off, since a transcript is given: VoxCPM2 would read the style aloud.")
_STYLE_OFF_FOR_VOICE = t("Off, since the chosen voice was kept with its transcript.")


def cloning_tab(service: SpeechService, own: gr.BrowserState) -> tuple[SpeechTab, ReferencePanel]:
    """Adds the tab's content; `own` are the visitor's voices."""
    settings = service.studio.settings
    reference = reference_panel()
    text = text_field(t("What should the voice say?"), lines=3)
    text_tools(text, parse_script, settings.max_text_length)
    buttons = generate_buttons()
    reference.more()
    voices = voice_picker(service, own)
    transcript, style = _transcript_or_style(voices)
    advanced = advanced_settings(settings)
    with reference.examples:
        _examples([reference.clip, transcript, text])
    connect_reference(reference, transcript, service)

    def fields(_: Request, text: str, *values: Any) -> dict[str, object]:
        of_source, of_advanced = values[: len(source)], values[len(source) :]
        return {"text": text, **_source_fields(*of_source), **Advanced.fields(*of_advanced)}

    source = [voices.file, voices.kind, transcript, style, *reference.inputs]
    inputs = [text, *source, *advanced.inputs]
    kept = [text, transcript, style, *advanced.inputs]
    tab = SpeechTab(NAME, buttons, inputs, fields, NAME, kept, _values, advanced.seed)
    return tab, reference


def _examples(fields: list[Component]) -> None:
    """Adds clips to try, in the visitor's language where they have a name in it.

    Gradio does not translate labels of examples, so they are sent again to who reads no English.
    """
    shown = gr.Examples(
        examples=[[str(clip.path), clip.transcript, clip.text] for clip in clips()],
        example_labels=[clip.name for clip in clips()],
        inputs=fields,
        label=t("Voices to try"),
        examples_per_page=20,
        api_visibility="private",
    )

    def names(gradio_request: gr.Request) -> Any:
        language = requested_language(gradio_request.headers)
        if language == ENGLISH:
            return gr.skip()
        return gr.Dataset(sample_labels=[translate(N_(clip.name), language) for clip in clips()])

    gr.on(None, names, inputs=[], outputs=shown.dataset, **AT_ONCE)  # when the page is loaded


def _values(request: CloningRequest) -> list[object]:
    """Gives what a speech was made from, as the page's fields hold it; the clip stays as it is."""
    return [request.text, request.prompt_text, request.style, *Advanced.values(request)]


def _source_fields(
    voice: str, kind: str, transcript: str, style: str, *of_reference: Any
) -> dict[str, object]:
    """Gives the request's fields for a chosen voice or, where there is none, for the clip."""
    if voice:
        return {"voice": voice, "style": "" if kind == HAS_TRANSCRIPT else style}
    return {
        "prompt_text": transcript,
        "style": "" if transcript.strip() else style,
        **ReferencePanel.fields(*of_reference),
    }


def _transcript_or_style(voices: VoicePicker) -> tuple[gr.Textbox, gr.Textbox]:
    """Two fields of which only one can be used: a transcript turns the style off.

    A chosen voice turns the transcript off, since it brings its own or has none.
    """
    transcript = gr.Textbox(
        label=t("Transcript of the clip (optional)"),
        info=_TRANSCRIPT_INFO,
    )
    style = gr.Textbox(
        label=t("Style (optional)"), placeholder=t("cheerful, a little faster"), info=_STYLE_INFO
    )
    transcript.change(_style_field, [transcript, voices.kind], style, **AT_ONCE)
    voices.looked.then(
        lambda given, kind: (_transcript_field(kind), _style_field(given, kind)),
        inputs=[transcript, voices.kind],
        outputs=[transcript, style],
        **AT_ONCE,
    )
    return transcript, style


def _transcript_field(kind: str) -> gr.Textbox:
    return gr.Textbox(interactive=not kind, info=_TRANSCRIPT_OFF if kind else _TRANSCRIPT_INFO)


def _style_field(transcript: str, kind: str) -> gr.Textbox:
    off = ""
    if kind == HAS_TRANSCRIPT:
        off = _STYLE_OFF_FOR_VOICE
    elif transcript.strip() and not kind:
        off = _STYLE_OFF
    return gr.Textbox(interactive=not off, info=off or _STYLE_INFO)
