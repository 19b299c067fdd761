"""What an answer tells about its text, beside the documented fields."""

from typing import Any

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
"""The headers of `text_headers`, for the OpenAPI document."""


def text_headers(speech: Speech) -> dict[str, str]:
    """Gives the headers for HTTP clients; none where there is nothing to say."""
    headers = {}
    if speech.notes:
        headers["X-Text-Notes"] = "; ".join(speech.notes)
    advice = (*(speech.reference.warnings if speech.reference else ()), *speech.warnings)
    if advice:
        headers["X-Warnings"] = " ".join(advice)
    return headers
