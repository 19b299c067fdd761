"""Who speaks a request, and whose voice that is."""

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from voxcpm_space.engine import Engine, GenerationRequest
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.reference import Reference, ReferenceLoader
from voxcpm_space.schemas import CloningRequest, ReferenceRequest, Request
from voxcpm_space.settings import Settings
from voxcpm_space.synthesis import Speaker, Speakers, speaker_seed
from voxcpm_space.text import name_key, without_first_parentheses
from voxcpm_space.voices import (
    NamedVoice,
    Voice,
    VoiceLibrary,
    VoiceLoader,
    is_voice_file,
    may_be_name,
)

GivenVoice: TypeAlias = Reference | Voice
"""What the model takes a voice from that is not designed: a clip, or a kept voice."""

_PREVIEW_S_DESCRIPTION = 50
"""Characters: behind more of them the preview voice, which knows some words such as `woman` and no
sentences, does not find the text."""


class GivenVoices:
    """Gets the voices that requests give: clips, kept voices, and those that have names.

    Attributes:
        library: Those that have names.
    """

    def __init__(self, settings: Settings, engine: Engine) -> None:
        """Reads nothing yet."""
        self.library = VoiceLibrary(settings)
        self._engine = engine
        self._references = ReferenceLoader(settings)
        self._kept = VoiceLoader(settings, engine)

    def of(self, request: Request, style: str, owner: str) -> dict[str, GivenVoice]:
        """Gives the voices of a request, by the names in its script; the empty name is nobody's.

        Args:
            request: Says what to speak, and how.
            style: Voice description, or style of a clip, for who has no name.
            owner: The account whose own voices can be named, too; empty on an open server.

        Raises:
            InputError: One is not there, or cannot be used.
            BusyError: Too many files are being fetched or decoded.
        """
        given: dict[str, GivenVoice] = {}
        if request.has_voice:
            given[""] = self._asked_for(request, style, owner)
        elif isinstance(request, CloningRequest):
            given[""] = self.clip(request, request.prompt_text, request.style)
        for name, description in request.descriptions.items():
            if voice := self.library.find(description, owner):
                given[name] = self._named(voice)
        for name, file in request.voice_files.items():
            given[name] = self._of_file(name, file)
        return given

    def kept(self, source: object, style: str = "") -> Voice:
        """Reads a kept voice.

        Args:
            source: As the field `voice`, where it is no name.
            style: How it is to speak.

        Raises:
            InputError: It cannot be had or used, or takes no style.
        """
        voice = self._kept.load(source)
        if voice.transcript and style:
            raise InputError(
                N_(
                    "This voice takes no style: it was kept with its transcript, so VoxCPM2 goes "
                    "on from that as it is and would read the style aloud. Please leave the style "
                    "out."
                ),
                "style",
            )
        return voice

    def clip(self, wanted: ReferenceRequest, transcript: str = "", style: str = "") -> Reference:
        """Prepares a clip, and recognizes what is said in it where that is wanted and of use.

        Raises:
            InputError: It cannot be used.
        """
        # The preview uses no transcript: no download for that.
        transcribe = wanted.transcribe and not style and not self._engine.status.is_preview
        return self._references.load(
            wanted.reference_audio_url,
            start=wanted.reference_start,
            denoise=wanted.denoise,
            transcript=transcript,
            transcribe=transcribe,
        )

    def _asked_for(self, request: Request, style: str, owner: str) -> GivenVoice:
        name = request.voice
        if not isinstance(name, str) or not may_be_name(name):
            return self.kept(name, style)
        voice = self.library.get(name, owner)
        return self._named(voice, style, request if isinstance(request, CloningRequest) else None)

    def _of_file(self, name: str, file: object) -> GivenVoice:
        """Gives the voice of somebody in a dialogue."""
        try:
            source = self._kept.find(file)
            if is_voice_file(source.read()):
                return self.kept(source)
            return self.clip(ReferenceRequest(reference_audio_url=source))
        except InputError as error:
            why = N_("Voice of {name}: {why}", name=name, why=error.message)
            raise InputError(why, "voices") from error

    def _named(
        self, voice: NamedVoice, style: str = "", options: ReferenceRequest | None = None
    ) -> GivenVoice:
        if voice.is_kept:
            return self.kept(voice.source(), style)
        source = voice.name if voice.is_example else voice.source()
        options = options or ReferenceRequest(reference_audio_url=source)
        wanted = options.model_copy(update={"reference_audio_url": source})
        if style or voice.is_example or self._engine.status.is_preview:
            return self.clip(wanted, style=style)
        return self.clip(wanted, voice.transcript())


def build_speakers(
    request: Request, style: str, given: Mapping[str, GivenVoice], *, by_preview: bool
) -> Speakers:
    """Gives each name in a request's script its speaker.

    Args:
        request: Says what to speak, and how.
        style: Voice description, or style of a clip, for who has no name.
        given: The voices that are not designed, by the names in the script; the empty name is that
            of who has none.
        by_preview: Whether the preview voice speaks.
    """
    base = _base_request(request)
    # Who has a name and a voice was given that in place of a description.
    descriptions = {**request.descriptions, **dict.fromkeys(given, ""), "": style}
    if by_preview:
        descriptions = {name: _first_words(words) for name, words in descriptions.items()}
    return {
        name: Speaker(
            replace(
                _spoken_by(base, given.get(name)),
                seed=speaker_seed(request.seed, name_key(name)),
            ),
            descriptions.get(name, ""),
        )
        for name in request.script.speakers
    }


def _first_words(description: str) -> str:
    return textwrap.shorten(description, _PREVIEW_S_DESCRIPTION, placeholder="")


def _base_request(request: Request) -> GenerationRequest:
    """Gives what the generation requests of all segments have in common."""
    return GenerationRequest(
        text="",
        seed=request.seed,
        cfg_value=request.cfg_value,
        dit_steps=request.evaluations,
        lora=request.lora,
        solver="adams-bashforth" if request.quality else "euler",
    )


def _spoken_by(base: GenerationRequest, voice: GivenVoice | None) -> GenerationRequest:
    if voice is None:
        return base
    # VoxCPM2 is given it before the text: where a style would stand.
    transcript = without_first_parentheses(voice.transcript)
    if isinstance(voice, Voice):
        return replace(base, encoded=voice.encoded, transcript=transcript)
    return replace(base, reference=voice.samples, transcript=transcript)
