"""Who speaks a request."""

from dataclasses import replace

from voxcpm_space.engine import GenerationRequest
from voxcpm_space.reference import Reference
from voxcpm_space.schemas import Request
from voxcpm_space.synthesis import Speaker, Speakers, speaker_seed
from voxcpm_space.text import name_key
from voxcpm_space.voices import Voice


def build_speakers(
    request: Request, style: str, reference: Reference | None, voice: Voice | None
) -> Speakers:
    """Gives each name in a request's script its speaker.

    Args:
        request: Says what to speak, and how.
        style: Voice description, or style of a clip, for who has no name.
        reference: The clip whose voice speaks, where there is one.
        voice: The kept voice that speaks for who has no name, where there is one.
    """
    base = base_request(request, reference)
    unnamed = base
    if voice:
        unnamed = replace(base, encoded=voice.encoded, transcript=voice.transcript)
    descriptions = {**request.descriptions, "": style}
    return {
        name: Speaker(
            replace(base if name else unnamed, seed=speaker_seed(request.seed, name_key(name))),
            descriptions.get(name, ""),
        )
        for name in request.script.speakers
    }


def base_request(request: Request, reference: Reference | None) -> GenerationRequest:
    """Gives what the generation requests of all segments have in common."""
    return GenerationRequest(
        text="",
        seed=request.seed,
        cfg_value=request.cfg_value,
        dit_steps=request.dit_steps,
        reference=reference.samples if reference else None,
        transcript=reference.transcript if reference else "",
    )
