"""What an answer tells about its text and its clip, beside the documented fields."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from voxcpm_space.messages import N_, translate
from voxcpm_space.reference import Reference
from voxcpm_space.studio import Speech

TEXT_FACTS: dict[str, Any] = {
    "X-Text-Notes": {
        "description": "What was changed in the text before it was spoken.",
        "schema": {"type": "string"},
    },
    "X-Warnings": {
        "description": "Parts of the speech that may have gone wrong, and advice on the clip.",
        "schema": {"type": "string"},
    },
}
CLIP_FACTS: dict[str, Any] = {
    "X-Transcript": {
        "description": "Where the clip's transcript comes from.",
        "schema": {"type": "string", "enum": ["given", "recognized", "none"]},
    },
}
"""With those on the text the headers of `result_headers`, for the OpenAPI document."""

_TRANSCRIPTS = {
    "given": N_("The transcript of the clip was given."),
    "recognized": N_("The transcript of the clip was recognized."),
    "none": N_("The clip was used without a transcript."),
}


def result_headers(
    reference: Reference | None, warnings: Sequence[str] = (), notes: Sequence[str] = ()
) -> dict[str, str]:
    """Gives the headers for HTTP clients.

    Args:
        reference: What was made of the clip, where there is one.
        warnings: What a listener should know of the speech.
        notes: What was changed in the text.
    """
    headers: dict[str, str] = {}
    if reference:
        headers["X-Transcript"] = reference.origin
        warnings = [*reference.warnings, *warnings]
    if warnings:
        headers["X-Warnings"] = " ".join(warnings)
    if notes:
        headers["X-Text-Notes"] = "; ".join(notes)
    return headers


def send_log_messages(speech: Speech, language: str) -> None:
    """Sends the same as log messages, which Gradio's clients get beside the answer."""
    for warning in speech.advice:
        gr.Warning(translate(warning, language))
    if speech.notes:
        notes = "; ".join(translate(note, language) for note in speech.notes)
        gr.Info(translate(N_("Changed in the text: {notes}.", notes=notes), language))
    if speech.reference:
        gr.Info(translate(_TRANSCRIPTS[speech.reference.origin], language))


def facts_in_words(speech: Speech, language: str) -> dict[str, str]:
    """Gives the same as fields of an answer, for agents; none where there is nothing to say."""
    facts = {
        "warnings": " ".join(translate(warning, language) for warning in speech.advice),
        "text_notes": "; ".join(translate(note, language) for note in speech.notes),
    }
    return {name: fact for name, fact in facts.items() if fact}
