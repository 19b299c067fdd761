"""The two operations of the hosted VoxCPM API, over plain HTTP."""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import gradio as gr
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from gradio.context import LocalContext
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect

from voxcpm_space.api.urls import public_url
from voxcpm_space.errors import InputError, SpaceError
from voxcpm_space.studio import Events, Speech, Studio

logger = logging.getLogger(__name__)

_MAX_BODY_BYTES = 2**20
_CLIENT_LEFT = 499
"""Nobody reads it; the name is nginx's, for logs."""

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


async def _answer(request: Request, start: Start, body: Body) -> JSONResponse:
    request_id = secrets.token_hex(8)
    try:
        fields = await _fields(request)
        speech = await _made(request, start(fields))
    except ClientDisconnect:
        response = _refusal(_CLIENT_LEFT, "The client left.")
    except SpaceError as error:
        response = _refusal(error.status, str(error))
    except gr.Error as error:  # a GPU that ZeroGPU refused, in its own words
        response = _refusal(503, error.message)
    except Exception:  # the outermost door: whatever it was, a stranger gets no internals
        logger.exception("Request %s failed through a fault of ours", request_id)
        response = _refusal(
            500, f"Something went wrong on our side. Please report the request id {request_id}."
        )
    else:
        response = JSONResponse(body(speech, public_url(speech.path, request, request.url.path)))
        response.headers["X-Seed"] = str(speech.seed)
        response.headers["X-Audio-Seconds"] = f"{speech.seconds:.2f}"
    response.headers["X-Request-Id"] = request_id
    return response


async def _fields(request: Request) -> dict[str, object]:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise InputError(f"The body is larger than {_MAX_BODY_BYTES // 1024} KB.")
    try:
        fields: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError("The body is not valid JSON.") from error
    if not isinstance(fields, dict):
        raise InputError('The body must be a JSON object, such as {"text": "Hello."}.')
    return fields


async def _made(request: Request, events: Events) -> Speech:
    """Waits for the speech; a client that leaves ends the work within one patch."""
    LocalContext.request.set(gr.Request(request))  # ZeroGPU takes the visitor's token from here
    try:
        async for event in iterate_in_threadpool(events):
            if isinstance(event, Speech):
                return event
            if await request.is_disconnected():
                raise ClientDisconnect
    finally:
        await run_in_threadpool(events.close)
    raise AssertionError("A take ends with its speech")


def _refusal(status: int, message: str) -> JSONResponse:
    return JSONResponse({"statusCode": status, "message": message}, status_code=status)
