"""What OpenAI's clients ask for, as fields of our own requests."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from voxcpm_space.api.service import SpeechService
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.messages import N_, Message
from voxcpm_space.schemas import MAX_SPEED, MIN_SPEED, Operation, shown
from voxcpm_space.studio import Events

DEFAULT_VOICE = "default"
OPENAI_VOICES = frozenset(
    {
        *("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable"),
        *("marin", "nova", "onyx", "sage", "shimmer", "verse"),
    }
)
"""OpenAI's own, which programs have built in; none of them is here."""
MIN_RATE, MAX_RATE = 8_000, 48_000
_RATES = {"pcm": 24_000}
"""Hz where none is asked for: OpenAI's raw PCM has no header that would say another."""
_URL = re.compile("^(data|https?):")
_STRING: JsonDict = {"type": "string"}
_MAX_NAMED = 8
_CALLED = {"text": "input", "voice_description": "instructions", "style": "instructions"}
"""Our names of fields, and OpenAI's."""
_PASSED_ON = ("seed", "cfg_value", "dit_steps", "normalize")

ResponseFormat: TypeAlias = Literal["mp3", "opus", "aac", "flac", "wav", "pcm", "verbose_json"]


def _id_of(voice: object) -> object:
    """Newer clients send a voice as an object with its id."""
    return voice.get("id") if isinstance(voice, dict) else voice


def _ours(description: str, schema: JsonDict) -> Any:
    return Field(None, description=description, json_schema_extra=schema)


class OpenAISpeech(BaseModel):
    """The fields of OpenAI's `POST /v1/audio/speech`, and ours beside them; others are left out."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    model: str = Field("", description="Accepted and not looked at: one model speaks here.")
    input: object = Field(description="What to say.", json_schema_extra=_STRING)
    voice: Annotated[str, BeforeValidator(_id_of)] = Field(
        DEFAULT_VOICE,
        description="`default`, the name of an example clip, or the data: or http(s) URL of a kept "
        "voice's file, as it is or as an object's `id`. For one of OpenAI's voices the default "
        "one speaks.",
        json_schema_extra=lambda schema: schema.update(
            anyOf=[
                {"enum": ["", *voice_names(), *sorted(OPENAI_VOICES)]},
                {"pattern": _URL.pattern},
            ]
        ),
    )
    instructions: object = Field(
        "",
        description="Voice description, or style of an example clip or a kept voice.",
        json_schema_extra=_STRING,
    )
    response_format: ResponseFormat = Field(
        "mp3", description="`verbose_json` has MP3 in base64, and when each sentence is heard."
    )
    speed: object = Field(
        1.0,
        description="How fast it is played, at its own pitch.",
        json_schema_extra={"type": "number", "minimum": MIN_SPEED, "maximum": MAX_SPEED},
    )
    stream_format: Literal["audio", "sse"] = "audio"
    sample_rate: int | None = Field(
        None,
        ge=MIN_RATE,
        le=MAX_RATE,
        description="In Hz, of all formats; what a format has not becomes its next one. 24,000 "
        "for pcm and 48,000 for all others where it is not given.",
    )
    timestamps: bool = Field(
        default=False, description="Whether server-sent events tell when each sentence is heard."
    )
    seed: object = _ours("The same seed makes the same audio.", {"type": "integer", "minimum": 0})
    cfg_value: object = _ours("CFG scale.", {"type": "number", "minimum": 1, "maximum": 3})
    dit_steps: object = _ours("Diffusion steps.", {"type": "integer", "minimum": 1})
    normalize: object = _ours("Write out numbers as words.", {"type": "boolean"})

    @property
    def out_rate(self) -> int | None:
        """Sample rate of the answer, in Hz; None for the model's own."""
        return self.sample_rate or _RATES.get(self.response_format)

    @property
    def stands_in(self) -> bool:
        """Whether the default voice speaks for one that is not here."""
        return self.voice.lower() in OPENAI_VOICES and self.voice not in voice_names()

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What of it is not done as asked, in sentences."""
        found = []
        if self.stands_in:
            found.append(
                N_("There is no voice {name} here: the default one speaks.", name=shown(self.voice))
            )
        if extra := sorted(self.model_extra or {}):
            names = ", ".join(shown(name) for name in extra[:_MAX_NAMED])
            more = ", ..." if len(extra) > _MAX_NAMED else ""
            found.append(N_("Not used, since they are unknown here: {names}.", names=names + more))
        return tuple(found)


def voice_names() -> list[str]:
    """Gives the voices that can be asked for by name."""
    return [DEFAULT_VOICE, *(clip.voice for clip in clips())]


def start(
    service: SpeechService, request: Request, wanted: OpenAISpeech, *, streamed: bool
) -> Events:
    """Starts the speech that was asked for.

    Raises:
        InputError: There is no such voice.
    """
    operation, fields = fields_of(wanted)
    ask = service.speak if operation == "text-to-speech" else service.clone
    return ask(request, fields | {"text": wanted.input}, streamed=streamed)


def fields_of(wanted: OpenAISpeech) -> tuple[Operation, dict[str, object]]:
    """Gives what is asked for, and all fields of its request but the text.

    Raises:
        InputError: There is no such voice.
    """
    passed_on = {name: getattr(wanted, name) for name in _PASSED_ON}
    fields: dict[str, object] = {"speed": wanted.speed, **passed_on}
    if wanted.voice in {"", DEFAULT_VOICE} or wanted.stands_in:
        return "text-to-speech", fields | {"voice_description": wanted.instructions}
    fields |= {"style": wanted.instructions}
    if _URL.match(wanted.voice):
        return "voice-cloning", fields | {"voice": wanted.voice}
    if wanted.voice not in voice_names():
        raise InputError(
            N_(
                "There is no voice of that name. There are: {names}.",
                names=", ".join(voice_names()),
            ),
            "voice",
        )
    return "voice-cloning", fields | {"reference_audio_url": wanted.voice}


def in_openai_s_words(error: InputError, called: Mapping[str, str] = _CALLED) -> InputError:
    """Names the field that the client sent where another word stands for it here."""
    name = called.get(error.field)
    if name is None:
        return error
    return InputError(N_("{field}: {why}", field=name, why=error.message), name)
