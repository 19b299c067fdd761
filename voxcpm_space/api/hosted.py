"""The two operations of the hosted VoxCPM API, over plain HTTP."""

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from voxcpm_space.api.http import failure, follow, read_fields
from voxcpm_space.api.urls import public_url
from voxcpm_space.monitoring import record
from voxcpm_space.studio import Events, Speech, Studio

Start: TypeAlias = Callable[[Mapping[str, object]], Events]
Body: TypeAlias = Callable[[Speech, str], dict[str, object]]


def hosted_router(studio: Studio) -> APIRouter:
    """Gives the routes below /voxcpm/v1: fields and answers are those of the hosted API."""
    router = APIRouter(prefix="/voxcpm/v1", tags=["Hosted API"])

    @router.post("/text-to-speech")
    async def text_to_speech(request: Request) -> JSONResponse:
        """Speaks a text; the answer's `output` is the URL of a WAV file."""
        return await _answer(request, studio.speak, lambda _, url: {"output": url})

    @router.post("/voice-cloning")
    async def voice_cloning(request: Request) -> JSONResponse:
        """Speaks a text in the voice of the clip at `reference_audio_url`."""
        return await _answer(request, studio.clone, cloning_answer)

    return router


def cloning_answer(speech: Speech, url: str) -> dict[str, object]:
    """The hosted API's answer to a cloning, the same through every door."""
    return {
        "url": url,
        "audio_url": url,
        "sample_rate": speech.sample_rate,
        "elapsed_s": round(speech.elapsed, 3),
        "status": "done",
    }


def reference_headers(speech: Speech) -> dict[str, str]:
    """What a cloning's answer tells about its clip, the same through every HTTP door."""
    if speech.reference is None:
        return {}
    headers: dict[str, str] = {"X-Transcript": speech.reference.origin}
    if speech.reference.warnings:
        headers["X-Warnings"] = " ".join(speech.reference.warnings)
    return headers


async def _answer(request: Request, start: Start, body: Body) -> JSONResponse:
    request_id = secrets.token_hex(8)
    started = time.perf_counter()
    try:
        speech = await _made(request, start(await read_fields(request)))
    except Exception as error:  # noqa: BLE001  (the outermost door; `failure` logs what is ours)
        status, message = failure(error, request_id)
        response = JSONResponse({"statusCode": status, "message": message}, status_code=status)
    else:
        response = JSONResponse(body(speech, public_url(speech.path, request, request.url.path)))
        response.headers["X-Seed"] = str(speech.seed)
        response.headers["X-Audio-Seconds"] = f"{speech.seconds:.2f}"
        response.headers.update(reference_headers(speech))
    response.headers["X-Request-Id"] = request_id
    operation = request.url.path.rsplit("/", 1)[-1]
    record("hosted", operation, response.status_code, started, request_id)
    return response


async def _made(request: Request, events: Events) -> Speech:
    async with aclosing(follow(request, events)) as followed:
        async for event in followed:
            if isinstance(event, Speech):
                return event
    raise AssertionError("A take ends with its speech")
