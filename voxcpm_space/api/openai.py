"""OpenAI's speech API, for clients written for it."""

import base64
import json
import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.config import JsonDict
from starlette.concurrency import run_in_threadpool

from voxcpm_space.api.http import OPENAI_PREFIX, RecordedStream, answered, follow, read_fields
from voxcpm_space.api.openapi import OpenAIRefusal, answers, body
from voxcpm_space.api.result_facts import CLIP_FACTS, TEXT_FACTS, result_headers
from voxcpm_space.api.service import SpeechService
from voxcpm_space.encoding import FORMATS, StreamEncoder
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.messages import N_
from voxcpm_space.schemas import checked, json_schema
from voxcpm_space.studio import Events, Progress, Speech
from voxcpm_space.voices import NO_VOICE

DEFAULT_VOICE = NO_VOICE
_URL = re.compile("^(data|https?):")
_STRING: JsonDict = {"type": "string"}
_EXAMPLES = {
    "spoken": {"model": "voxcpm2", "input": "Hello there.", "instructions": "A warm old man"},
    "cloned": {"model": "voxcpm2", "input": "Hello there.", "voice": "english-male-rms"},
}
_AUDIO = {
    "content": {
        **{each.media_type: {"schema": {"type": "string"}} for each in FORMATS.values()},
        "text/event-stream": {"schema": {"type": "object", "properties": {"data": _STRING}}},
    },
    "headers": CLIP_FACTS | TEXT_FACTS,
}


class OpenAISpeech(BaseModel):
    """The fields of OpenAI's `POST /v1/audio/speech`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str = Field(description="Accepted and not looked at: one model speaks here.")
    input: object = Field(description="What to say.", json_schema_extra=_STRING)
    voice: str = Field(
        DEFAULT_VOICE,
        description="`default`, the name of a voice that `GET /v1/audio/voices` lists, or the "
        "data: or http(s) URL of a kept voice's file.",
        json_schema_extra=lambda schema: schema.update(
            anyOf=[{"enum": list(_voices())}, {"pattern": _URL.pattern}]
        ),
    )
    instructions: object = Field(
        "",
        description="Voice description, or style of an example clip or a kept voice.",
        json_schema_extra=_STRING,
    )
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: object = Field(
        1.0,
        description="Only 1: VoxCPM2 has no other speed.",
        json_schema_extra={"type": "number", "enum": [1]},
    )
    stream_format: Literal["audio", "sse"] = "audio"
    lora: object = Field(
        "",
        description="Which of the server's LoRA weights to speak with, by name.",
        json_schema_extra={"type": ["string", "null"]},
    )

    @field_validator("speed")
    @classmethod
    def _one_speed(cls, speed: object) -> object:
        if speed != 1 or isinstance(speed, bool):
            raise InputError(
                N_(
                    "speed must be 1: VoxCPM2 has no other. "
                    "Describe a pace in instructions instead."
                )
            )
        return speed


def openai_router(service: SpeechService) -> APIRouter:
    """Gives the routes below /v1."""
    router = APIRouter(prefix=OPENAI_PREFIX, tags=["OpenAI"])
    started = int(time.time())

    @router.post(
        "/audio/speech",
        response_class=Response,
        responses=answers(_AUDIO, OpenAIRefusal),
        openapi_extra=body(json_schema(OpenAISpeech, service.studio.settings), **_EXAMPLES),
    )
    async def speech(request: Request) -> Response:
        """Speaks a text; the audio flows out while it is being made."""

        async def respond() -> Response:
            wanted = checked(OpenAISpeech, await read_fields(request), service.studio.settings)
            return await _stream(service, request, _start(service, request, wanted), wanted)

        return await answered("openai", "text-to-speech", request, respond)

    @router.get("/models")
    def models() -> dict[str, object]:
        """Lists the one model that speaks."""
        model = {"id": service.studio.status.model, "object": "model", "created": started}
        return {"object": "list", "data": [model | {"owned_by": "openbmb"}]}

    return router


def _voices() -> list[str]:
    return [DEFAULT_VOICE, *(clip.voice for clip in clips())]


def _start(service: SpeechService, request: Request, wanted: OpenAISpeech) -> Events:
    common = {"text": wanted.input, "lora": wanted.lora}
    if wanted.voice == DEFAULT_VOICE:
        speaking = common | {"voice_description": wanted.instructions}
        return service.speak(request, speaking, streamed=True)
    cloning = common | {"style": wanted.instructions, "voice": wanted.voice}
    return service.clone(request, cloning, streamed=True)


async def _stream(
    service: SpeechService, request: Request, events: Events, wanted: OpenAISpeech
) -> RecordedStream:
    followed = follow(request, events)
    first = await anext(followed)  # what is wrong shows here, while the status can still say so
    assert isinstance(first, Progress)
    audio_format = FORMATS[wanted.response_format]
    encoder = StreamEncoder(audio_format, first.sample_rate, service.studio.comment)
    audio = _encoded(first, followed, encoder)
    facts = result_headers(first.reference, notes=first.notes)
    if wanted.stream_format == "sse":
        return RecordedStream(_as_events(audio), headers=facts, media_type="text/event-stream")
    return RecordedStream(audio, headers=facts, media_type=audio_format.media_type)


async def _encoded(
    first: Progress, followed: AsyncGenerator[Progress | Speech, None], encoder: StreamEncoder
) -> AsyncGenerator[bytes, None]:
    async with aclosing(followed):
        yield await run_in_threadpool(encoder.encode, first.audio)
        async for event in followed:
            if isinstance(event, Progress):
                yield await run_in_threadpool(encoder.encode, event.audio)
        yield await run_in_threadpool(encoder.finish)


async def _as_events(audio: AsyncGenerator[bytes, None]) -> AsyncGenerator[str, None]:
    async with aclosing(audio):
        async for chunk in audio:
            delta = {"type": "speech.audio.delta", "audio": base64.b64encode(chunk).decode()}
            yield f"data: {json.dumps(delta)}\n\n"
    yield f"data: {json.dumps({'type': 'speech.audio.done'})}\n\n"
