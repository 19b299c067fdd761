"""Voice files: safetensors with the latents in float32, and what is known of the voice.

Rounded to float16 they would be half as large, and moved the samples of the preview voice by up to
5 % of full scale; as they are, a kept clone says exactly what the clone of its clip says.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from voxcpm_space.audio import ENCODER_SAMPLE_RATE
from voxcpm_space.engine import EncodedReference, Latents
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_, Message
from voxcpm_space.text import MAX_TRANSCRIPT_LENGTH, validate_description, validate_line

MAX_BYTES = 2 * 2**20
"""Holds a clip of 120 s, the longest that settings allow, with its transcript."""
MAX_NAME_LENGTH = 60

_FORMAT, _VERSION = "voxcpm-voice", "1"
_MAX_MODEL_LENGTH = 200
MAX_CONSENT_LENGTH = 300
_LARGEST = 100.0
"""Latents of VoxCPM2's AudioVAE are spread like a normal distribution; in takes 5 is rare."""


@dataclass(frozen=True, eq=False)
class Voice:
    """A cloned or designed voice.

    Attributes:
        encoded: What the model takes it from.
        model: Name of the model whose latents these are; they mean nothing to another.
        transcript: What is said in the start of `encoded`; empty where there is none.
        description: The voice description that it was designed with.
        name: What its owner calls it.
        consent: What was confirmed of a cloned voice, and on which day.
    """

    encoded: EncodedReference
    model: str
    transcript: str = ""
    description: str = ""
    name: str = ""
    consent: str = ""


def voice_file(voice: Voice) -> bytes:
    """Gives the content of a voice's file."""
    tensors = {"voice": np.ascontiguousarray(voice.encoded.voice)}
    if voice.encoded.start is not None:
        tensors["start"] = np.ascontiguousarray(voice.encoded.start)
    metadata = {
        "format": _FORMAT,
        "version": _VERSION,
        "model": voice.model,
        "sample_rate": str(ENCODER_SAMPLE_RATE),
        "transcript": voice.transcript,
        "description": voice.description,
        "name": voice.name,
        "consent": voice.consent,
    }
    return save(tensors, metadata)


def is_voice_file(content: bytes) -> bool:
    """Tells whether it looks like one; no format of audio has what safetensors begins with."""
    return content[8:9] == b"{"


def read_voice(content: bytes) -> Voice:
    """Reads a file that anybody may have written.

    Args:
        content: Of the file.

    Raises:
        InputError: It is not a voice file, is damaged, or of a later version.
    """
    if len(content) > MAX_BYTES:
        raise not_a_voice(N_("it is larger than {size} MB", size=MAX_BYTES // 2**20))
    try:
        tensors = load(content)
    except (SafetensorError, KeyError, ValueError) as error:
        raise not_a_voice(N_("it is not in the safetensors format")) from error
    said = _metadata(content)
    transcript = validate_line(
        said["transcript"], N_("transcript of the voice"), MAX_TRANSCRIPT_LENGTH
    )
    return Voice(
        _encoded(tensors, has_start=bool(transcript)),
        model=validate_line(said["model"], N_("model of the voice"), _MAX_MODEL_LENGTH),
        transcript=transcript,
        description=validate_description(said["description"], N_("description of the voice")),
        name=validate_line(said["name"], N_("name of the voice"), MAX_NAME_LENGTH),
        consent=validate_line(said["consent"], N_("consent of the voice"), MAX_CONSENT_LENGTH),
    )


def not_a_voice(why: Message) -> InputError:
    """The refusal of a file."""
    return InputError(
        N_(
            "This is not a voice file that can be used here: {why}. Please choose one that was "
            'kept with "Keep this voice" on the page.',
            why=why,
        )
    )


def _metadata(content: bytes) -> Mapping[str, str]:
    """What the header of a file says, which safetensors has read without fault, but does not give.

    Raises:
        InputError: It is another's header.
    """
    size = int.from_bytes(content[:8], "little")
    said: dict[str, str] = json.loads(content[8 : 8 + size]).get("__metadata__") or {}
    if said.get("format") != _FORMAT:
        raise not_a_voice(N_("it holds something else"))
    if said.get("version") != _VERSION:
        raise not_a_voice(N_("it is of another version than {version}", version=_VERSION))
    if said.get("sample_rate") != str(ENCODER_SAMPLE_RATE):
        raise not_a_voice(
            N_("it was made at another sample rate than {rate} Hz", rate=ENCODER_SAMPLE_RATE)
        )
    if missing := {"model", "transcript", "description", "name", "consent"} - said.keys():
        raise not_a_voice(N_("it does not say {what}", what=" and ".join(sorted(missing))))
    return said


def _encoded(tensors: Mapping[str, Latents], *, has_start: bool) -> EncodedReference:
    names = {"voice", "start"} if has_start else {"voice"}
    if tensors.keys() != names or len({latents.shape for latents in tensors.values()}) > 1:
        raise not_a_voice(N_("it does not hold the tensors that a voice has"))
    for latents in tensors.values():
        if latents.dtype != np.float32:
            raise not_a_voice(N_("its numbers are not float32"))
        if not (np.abs(latents) <= _LARGEST).all():  # nor is NaN
            raise not_a_voice(N_("it holds numbers that no voice has"))
    return EncodedReference(tensors["voice"], tensors.get("start"))
