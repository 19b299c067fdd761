"""What OpenAI's clients ask for, as fields of our own requests."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict
from starlette.requests import HTTPConnection

from voxcpm_space.api.service import SpeechService
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.messages import N_, Message
from voxcpm_space.schemas import EVALUATIONS, MAX_SPEED, MIN_SPEED, Operation, shown
from voxcpm_space.studio import Events
from voxcpm_space.voices import NO_VOICE, may_be_name, voice_key

OPENAI_VOICES = frozenset(
    {
        *("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable"),
        *("marin", "nova", "onyx", "sage", "shimmer", "verse"),
    }
)
"""OpenAI's own, which programs have built in."""
MIN_RATE, MAX_RATE = 8_000, 48_000
_RATES = {"pcm": 24_000}
"""Hz where none is asked for: OpenAI's raw PCM has no header that would say another."""
_URL = re.compile("^(data|https?):")
_STRING: JsonDict = {"type": "string"}
_MAX_NAMED = 8
_CALLED = {"text": "input", "voice_description": "instructions", "style": "instructions"}
"""Our names of fields, and OpenAI's."""
_PASSED_ON = ("seed", "cfg_value", "dit_steps", "quality", "normalize", "lora")

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
        NO_VOICE,
        description="`default`, the name of a voice that `GET /v1/audio/voices` lists, or the "
        "data: or http(s) URL of a kept voice's file, as it is or as an object's `id`. For one of "
        "OpenAI's voices that has no namesake here the default one speaks.",
        json_schema_extra=lambda schema: schema.update(
            anyOf=[
                {"enum": ["", NO_VOICE, *(clip.voice for clip in clips()), *sorted(OPENAI_VOICES)]},
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
    quality: object = _ours(
        "In place of dit_steps.", {"type": "string", "enum": ["", *EVALUATIONS]}
    )
    normalize: object = _ours("Write out numbers as words.", {"type": "boolean"})
    lora: object = _ours("Which of the server's LoRA weights speak, by name.", {"type": "string"})

    @property
    def out_rate(self) -> int | None:
        """Sample rate of the answer, in Hz; None for the model's own."""
        return self.sample_rate or _RATES.get(self.response_format)

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What of it is not done as asked, in sentences."""
        found = []
        if extra := sorted(self.model_extra or {}):
            names = ", ".join(shown(name) for name in extra[:_MAX_NAMED])
            more = ", ..." if len(extra) > _MAX_NAMED else ""
            found.append(N_("Not used, since they are unknown here: {names}.", names=names + more))
        return tuple(found)


OpenAISpeechT = TypeVar("OpenAISpeechT", bound=OpenAISpeech)


def understood(
    service: SpeechService, request: HTTPConnection, wanted: OpenAISpeechT
) -> tuple[OpenAISpeechT, tuple[Message, ...]]:
    """Lets the default voice speak for one of OpenAI's that has no namesake here.

    Returns:
        What is to be done, and what of it is not as it was asked for.

    Raises:
        InputError: There is no such voice.
    """
    voice = wanted.voice
    if not may_be_name(voice) or voice_key(voice) == NO_VOICE:
        return wanted, wanted.warnings
    try:
        service.named_voice(request, voice)
    except InputError:
        if voice_key(voice) not in OPENAI_VOICES:
            raise
        warning = N_("There is no voice {name} here: the default one speaks.", name=shown(voice))
        return wanted.model_copy(update={"voice": NO_VOICE}), (warning, *wanted.warnings)
    return wanted, wanted.warnings


def start(
    service: SpeechService, request: Request, wanted: OpenAISpeech, *, streamed: bool
) -> Events:
    """Starts the speech that was asked for."""
    operation, fields = fields_of(wanted)
    ask = service.speak if operation == "text-to-speech" else service.clone
    return ask(request, fields | {"text": wanted.input}, streamed=streamed)


def fields_of(wanted: OpenAISpeech) -> tuple[Operation, dict[str, object]]:
    """Gives what is asked for, and all fields of its request but the text."""
    passed_on = {name: getattr(wanted, name) for name in _PASSED_ON}
    fields: dict[str, object] = {"speed": wanted.speed, **passed_on}
    if voice_key(wanted.voice) in {"", NO_VOICE}:
        return "text-to-speech", fields | {"voice_description": wanted.instructions}
    return "voice-cloning", fields | {"style": wanted.instructions, "voice": wanted.voice}


def in_openai_s_words(error: InputError, called: Mapping[str, str] = _CALLED) -> InputError:
    """Names the field that the client sent where another word stands for it here."""
    name = called.get(error.field)
    if name is None:
        return error
    told = error.message
    if told.id.startswith("{name} ") and told.fields["name"] == error.field:
        return InputError(Message(told.id, {**told.fields, "name": name}, told.plural_id), name)
    return InputError(N_("{field}: {why}", field=name, why=error.message), name)
