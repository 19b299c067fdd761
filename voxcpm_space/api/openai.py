"""OpenAI's speech API, for clients written for it."""

import base64
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from voxcpm_space.api.http import OPENAI_PREFIX, RecordedStream, answered, follow, read_fields
from voxcpm_space.api.openai_request import OpenAISpeech, in_openai_s_words, start, understood
from voxcpm_space.api.openapi import OpenAIRefusal, answers, body
from voxcpm_space.api.result_facts import CLIP_FACTS, TEXT_FACTS, result_headers
from voxcpm_space.api.service import SpeechService
from voxcpm_space.checking import checked, json_schema
from voxcpm_space.encoding import FORMATS, StreamEncoder
from voxcpm_space.engine import PATCHES_PER_SECOND
from voxcpm_space.errors import InputError, NotFoundError
from voxcpm_space.messages import N_
from voxcpm_space.studio import Progress, Speech
from voxcpm_space.synthesis import Span

_EXAMPLES = {
    "spoken": {"model": "voxcpm2", "input": "Hello there.", "instructions": "A warm old man"},
    "cloned": {"model": "voxcpm2", "input": "Hello there.", "voice": "english-male-rms"},
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": OpenAIRefusal} for status in (401, 403, 404)
}
_STRING = {"type": "string"}
_OBJECT = {"schema": {"type": "object"}}
_AUDIO = {
    "content": {
        **{each.media_type: {"schema": _STRING} for each in FORMATS.values()},
        "text/event-stream": {"schema": {"type": "object", "properties": {"data": _STRING}}},
        "application/json": _OBJECT,
    },
    "headers": CLIP_FACTS | TEXT_FACTS,
}


def openai_router(service: SpeechService) -> APIRouter:
    """Gives the routes below /v1."""
    router = APIRouter(prefix=OPENAI_PREFIX, tags=["OpenAI"])
    _add_speech(router, service)
    _add_lists(router, service)
    return router


def _add_speech(router: APIRouter, service: SpeechService) -> None:
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
            try:
                return await _answer(service, request, wanted)
            except InputError as error:
                raise in_openai_s_words(error) from error

        return await answered("openai", "text-to-speech", request, respond)


def _add_lists(router: APIRouter, service: SpeechService) -> None:
    started = int(time.time())

    def the_model() -> dict[str, object]:
        model = {"id": service.studio.status.model, "object": "model", "created": started}
        return model | {"owned_by": "openbmb"}

    @router.get("/models")
    def models() -> dict[str, object]:
        """Lists the one model that speaks."""
        return {"object": "list", "data": [the_model()]}

    @router.get("/audio/models")
    def audio_models() -> dict[str, object]:
        """Lists the same model for Open WebUI, which looks for those that speak here."""
        model = service.studio.status.model
        return {"models": [{"id": model, "name": model}]}

    @router.get("/models/{model:path}", responses=_REFUSALS)
    async def model(model: str, request: Request) -> Response:
        """Describes the one model that speaks."""

        async def respond() -> Response:
            if model != service.studio.status.model:
                raise NotFoundError(
                    N_("There is no model of that name. There is: {name}.", name=the_model()["id"])
                )
            return JSONResponse(the_model())

        return await answered("openai", "model", request, respond)


async def _answer(service: SpeechService, request: Request, asked: OpenAISpeech) -> Response:
    wanted, warnings = await run_in_threadpool(understood, service, request, asked)
    is_whole = wanted.response_format == "verbose_json"
    followed = follow(request, start(service, request, wanted, streamed=not is_whole))
    first = await anext(followed)  # what is wrong shows here, while the status can still say so
    assert isinstance(first, Progress)
    audio_format = FORMATS["mp3" if is_whole else wanted.response_format]
    encoder = StreamEncoder(
        audio_format, first.sample_rate, service.studio.comment, out_rate=wanted.out_rate
    )
    facts = result_headers(first.reference, warnings, first.notes)
    if is_whole:
        return JSONResponse(await _verbose(first, followed, encoder), headers=facts)
    if wanted.stream_format == "sse":
        events = _as_events(first, followed, encoder, timestamps=wanted.timestamps)
        return RecordedStream(events, headers=facts, media_type="text/event-stream")
    media_type = audio_format.media_type
    if wanted.response_format == "pcm":
        media_type += f";rate={encoder.sample_rate}"
    audio = _encoded(first, followed, encoder)
    return RecordedStream(audio, headers=facts, media_type=media_type)


async def _pieces(
    first: Progress, followed: AsyncGenerator[Progress | Speech, None], encoder: StreamEncoder
) -> AsyncGenerator[tuple[bytes, Progress | Speech | None], None]:
    """Gives what is encoded with the event that it comes from; the rest has none."""
    async with aclosing(followed):
        yield await run_in_threadpool(encoder.encode, first.audio), first
        async for event in followed:
            encoded = b""
            if isinstance(event, Progress):
                encoded = await run_in_threadpool(encoder.encode, event.audio)
            yield encoded, event
        yield await run_in_threadpool(encoder.finish), None


async def _encoded(
    first: Progress, followed: AsyncGenerator[Progress | Speech, None], encoder: StreamEncoder
) -> AsyncGenerator[bytes, None]:
    async with aclosing(_pieces(first, followed, encoder)) as pieces:
        async for encoded, _ in pieces:
            yield encoded


async def _as_events(
    first: Progress,
    followed: AsyncGenerator[Progress | Speech, None],
    encoder: StreamEncoder,
    *,
    timestamps: bool,
) -> AsyncGenerator[str, None]:
    done: dict[str, object] = {"type": "speech.audio.done"}
    async with aclosing(_pieces(first, followed, encoder)) as pieces:
        async for encoded, event in pieces:
            if encoded:
                audio = base64.b64encode(encoded).decode()
                yield _event({"type": "speech.audio.delta", "audio": audio})
            if isinstance(event, Speech):
                done["usage"] = usage(event)
            elif event and timestamps:
                for span in event.sentences:
                    yield _event({"type": "speech.audio.sentence", **_times(span)})
    yield _event(done)


async def _verbose(
    first: Progress, followed: AsyncGenerator[Progress | Speech, None], encoder: StreamEncoder
) -> dict[str, object]:
    audio, speech = b"", None
    async with aclosing(_pieces(first, followed, encoder)) as pieces:
        async for encoded, event in pieces:
            audio += encoded
            speech = event if isinstance(event, Speech) else speech
    assert speech is not None, "A speech that nobody stopped ends with its Speech"
    return {
        "text": speech.request.text,
        "duration": round(speech.seconds, 3),
        "segments": [{"id": i, **_times(span)} for i, span in enumerate(speech.sentences)],
        "audio": base64.b64encode(audio).decode(),
        "audio_format": "mp3",
        "sample_rate": encoder.sample_rate,
        "usage": usage(speech),
    }


def usage(speech: Speech) -> dict[str, int]:
    """Counts as OpenAI does: characters came in, and patches of 0.16 s went out."""
    taken, made = len(speech.request.text), round(speech.new_seconds * PATCHES_PER_SECOND)
    return {"input_tokens": taken, "output_tokens": made, "total_tokens": taken + made}


def _times(span: Span) -> dict[str, object]:
    return {"start": round(span.start, 3), "end": round(span.end, 3), "text": span.text}


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"
