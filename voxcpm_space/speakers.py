"""What a request becomes: a script, and who speaks it."""

from collections.abc import Mapping
from dataclasses import replace

from voxcpm_space.engine import GenerationRequest
from voxcpm_space.reference import Reference
from voxcpm_space.schemas import Request, SpeechRequest
from voxcpm_space.synthesis import Speaker, Speakers, speaker_seed
from voxcpm_space.text import Script, name_key, parse_dialogue, parse_script
from voxcpm_space.voices import Voice


def script_of(request: Request) -> Script:
    """Writes the script of a text or, where voices are named, of a dialogue.

    Raises:
        InputError: A pause is wrong, or nothing is left to speak.
    """
    is_dialogue = _voices(request) is not None
    return parse_dialogue(request.text) if is_dialogue else parse_script(request.text)


def build_speakers(
    request: Request, style: str, script: Script, reference: Reference | None, voice: Voice | None
) -> Speakers:
    """Gives each name in a script its speaker.

    Args:
        request: Says how to speak.
        style: Voice description, or style of a clip, for who has no name.
        script: What is spoken.
        reference: The clip whose voice speaks, where there is one.
        voice: The kept voice that speaks for who has no name, where there is one.
    """
    pattern = base_request(request, reference)
    given = pattern
    if voice:
        given = replace(pattern, encoded=voice.encoded, transcript=voice.transcript)
    descriptions = {**(_voices(request) or {}), "": style}
    return {
        name: Speaker(
            replace(pattern if name else given, seed=speaker_seed(request.seed, name_key(name))),
            descriptions.get(name, ""),
            request.normalize,
        )
        for name in {chunk.speaker for chunk in script.chunks}
    }


def _voices(request: Request) -> Mapping[str, str] | None:
    return request.voices if isinstance(request, SpeechRequest) else None


def base_request(request: Request, reference: Reference | None) -> GenerationRequest:
    """What all takes of a request have in common."""
    pattern = GenerationRequest(
        text="",
        seed=request.seed,
        cfg_value=request.cfg_value,
        dit_steps=request.dit_steps,
    )
    if reference is None:
        return pattern
    return replace(pattern, reference=reference.samples, transcript=reference.transcript)
