"""What a cloning's answer tells about its clip, beside the documented fields."""

from typing import Any

import gradio as gr

from voxcpm_space.reference import Reference

CLIP_FACTS: dict[str, Any] = {
    "X-Transcript": {
        "description": "Where the clip's transcript comes from.",
        "schema": {"type": "string", "enum": ["given", "recognized", "none"]},
    },
    "X-Warnings": {"description": "Advice on the clip.", "schema": {"type": "string"}},
}
"""The headers of `clip_headers`, for the OpenAPI document."""

_TRANSCRIPTS = {
    "given": "The transcript of the clip was given.",
    "recognized": "The transcript of the clip was recognized.",
    "none": "The clip was used without a transcript.",
}


def clip_headers(reference: Reference | None) -> dict[str, str]:
    """Gives the headers for HTTP clients; none where nothing was cloned."""
    if reference is None:
        return {}
    headers: dict[str, str] = {"X-Transcript": reference.origin}
    if reference.warnings:
        headers["X-Warnings"] = " ".join(reference.warnings)
    return headers


def tell_gradio_client(reference: Reference | None) -> None:
    """Sends the same as log messages, which Gradio's clients get beside the answer."""
    if reference is None:
        return
    for warning in reference.warnings:
        gr.Warning(warning)
    gr.Info(_TRANSCRIPTS[reference.origin])
