"""Finds the file or URL that a front door was given, and makes a checked waveform of it."""

import io
from pathlib import Path

from gradio.utils import get_upload_folder

from voxcpm_space.audio import Waveform
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.reference.decode import decode
from voxcpm_space.reference.fetch import fetch


def load_reference(source: object, max_seconds: float) -> Waveform:
    """Gives the reference clip that `source` names, ready for VoxCPM2's encoder.

    Args:
        source: An http(s) URL, the name of an example clip, or an uploaded file: its path, or
            gradio_client's `handle_file` dict with a `path`. Beside the examples only files
            inside Gradio's upload folder are read.
        max_seconds: Longest clip allowed.

    Returns:
        Mono samples at 16 kHz, shape (samples,), between 1 s and `max_seconds` long.

    Raises:
        InputError: There is none, it cannot be had, or it is not a usable clip.
    """
    location = source.get("path") if isinstance(source, dict) else source
    if not location:
        raise InputError("There is no reference clip. Please upload or record one, or give a URL.")
    if not isinstance(location, str):
        raise InputError("reference_audio_url must be an http(s) URL or an uploaded file.")
    if location.lower().startswith(("http://", "https://")):
        return decode(io.BytesIO(fetch(location)), max_seconds)
    example = next((clip.path for clip in clips() if clip.voice == location), None)
    with (example or _uploaded(location)).open("rb") as file:
        return decode(file, max_seconds)


def _uploaded(location: str) -> Path:
    refusal = InputError(
        "reference_audio_url must be an http(s) URL or an uploaded file "
        "(with gradio_client: handle_file('clip.wav'))."
    )
    try:
        path = Path(location).resolve(strict=True)
    except (OSError, ValueError) as error:
        raise refusal from error
    # Paths arrive unchecked from programs: any other file of this machine stays unread.
    if not (path.is_file() and path.is_relative_to(Path(get_upload_folder()).resolve())):
        raise refusal
    return path
