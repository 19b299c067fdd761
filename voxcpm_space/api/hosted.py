"""The two operations of the hosted VoxCPM API, over plain HTTP."""

from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Literal, TypeAlias

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from voxcpm_space.api.http import answered, follow, read_fields
from voxcpm_space.api.openapi import Refusal, answers, body
from voxcpm_space.api.result_facts import CLIP_FACTS, TEXT_FACTS, result_headers
from voxcpm_space.api.service import SpeechService
from voxcpm_space.checking import json_schema
from voxcpm_space.compat.gradio import public_root
from voxcpm_space.errors import NotFoundError
from voxcpm_space.messages import N_
from voxcpm_space.schemas import CloningRequest, SpeechRequest
from voxcpm_space.studio import Events, Speech

Start: TypeAlias = Callable[[Request, Mapping[str, object]], Events]
Body: TypeAlias = Callable[[Speech, str], BaseModel]

_FACTS = {
    "X-Seed": {"description": "Makes the same audio again.", "schema": {"type": "integer"}},
    "X-Audio-Seconds": {"description": "How long it is.", "schema": {"type": "number"}},
    "X-Subtitles-SRT": {"description": "Where its subtitles are.", "schema": {"type": "string"}},
    "X-Subtitles-VTT": {"description": "The same as WebVTT.", "schema": {"type": "string"}},
    **TEXT_FACTS,
}
_STRING = {"schema": {"type": "string"}}
_SUBTITLES = {"srt": "application/x-subrip", "vtt": "text/vtt"}


class SpeechAnswer(BaseModel):
    """The hosted API's answer to text-to-speech."""

    output: str = Field(description="URL of a 48 kHz WAV file.")


class CloningAnswer(BaseModel):
    """The hosted API's answer to voice cloning."""

    url: str = Field(description="URL of a 48 kHz WAV file.")
    audio_url: str = Field(description="The same URL.")
    sample_rate: int = Field(description="Of the file, in Hz.")
    elapsed_s: float = Field(description="Seconds from the request to the finished file.")
    status: Literal["done"] = "done"


def hosted_router(service: SpeechService) -> APIRouter:
    """Gives the routes below /voxcpm/v1: fields and answers are those of the hosted API."""
    router = APIRouter(prefix="/voxcpm/v1", tags=["Hosted API"])
    settings = service.studio.settings

    @router.post(
        "/text-to-speech",
        responses=answers({"model": SpeechAnswer, "headers": _FACTS}, Refusal),
        openapi_extra=body(
            json_schema(SpeechRequest, settings),
            documented={"text": "Hello there.", "cfg_value": 2.0, "dit_steps": 10},
            designed={"text": "Hello there.", "voice_description": "A warm old man", "seed": 7},
            dialogue={"text": "Ann: Hello.\nBob: Hi.", "voices": {"Ann": "A warm old woman"}},
        ),
    )
    async def text_to_speech(request: Request) -> Response:
        """Speaks a text; the answer's `output` is the URL of a WAV file."""
        return await _answer(
            service,
            request,
            partial(service.speak, is_published=True),
            lambda _, url: SpeechAnswer(output=url),
        )

    @router.post(
        "/voice-cloning",
        responses=answers({"model": CloningAnswer, "headers": _FACTS | CLIP_FACTS}, Refusal),
        openapi_extra=body(
            json_schema(CloningRequest, settings),
            cloned={"text": "Hello there.", "reference_audio_url": "english-male-rms"},
        ),
    )
    async def voice_cloning(request: Request) -> Response:
        """Speaks a text in the voice of the clip at `reference_audio_url`."""
        clone = partial(service.clone, is_published=True)
        return await _answer(service, request, clone, cloning_answer)

    @router.get(
        "/subtitles/{speech_id}.{kind}",
        response_class=Response,
        responses={
            200: {
                "content": {kind: {"schema": {"type": "string"}} for kind in _SUBTITLES.values()}
            },
            **{status: {"model": Refusal} for status in (400, 401, 403, 404, 500)},
        },
    )
    async def subtitles(speech_id: str, kind: str, request: Request) -> Response:
        """Gives when each sentence of a speech is heard, as long as its file is there."""

        async def respond() -> Response:
            if kind not in _SUBTITLES:
                raise NotFoundError(
                    N_("The format must be one of {formats}.", formats=", ".join(_SUBTITLES))
                )
            path = await run_in_threadpool(service.export, request, speech_id, kind)
            return FileResponse(path, media_type=_SUBTITLES[kind])

        return await answered("hosted", "subtitles", request, respond)

    return router


def cloning_answer(speech: Speech, url: str) -> CloningAnswer:
    """Answers a cloning, the same through every door."""
    return CloningAnswer(
        url=url,
        audio_url=url,
        sample_rate=speech.sample_rate,
        elapsed_s=round(speech.elapsed, 3),
    )


async def _answer(service: SpeechService, request: Request, start: Start, said: Body) -> Response:
    async def respond() -> JSONResponse:
        speech = await _made(request, start(request, await read_fields(request)))
        link = service.link(speech, request, request.url.path)
        response = JSONResponse(said(speech, link).model_dump())
        response.headers["X-Seed"] = str(speech.seed)
        response.headers["X-Audio-Seconds"] = f"{speech.seconds:.2f}"
        for kind in _SUBTITLES:
            root = public_root(request, request.url.path)
            url = f"{root}/voxcpm/v1/subtitles/{speech.id}.{kind}"
            response.headers[f"X-Subtitles-{kind.upper()}"] = url
        response.headers.update(result_headers(speech.reference, speech.warnings, speech.notes))
        return response

    return await answered("hosted", request.url.path.rsplit("/", 1)[-1], request, respond)


async def _made(request: Request, events: Events) -> Speech:
    async with aclosing(follow(request, events)) as followed:
        async for event in followed:
            if isinstance(event, Speech):
                return event
    raise AssertionError("A speech that nobody stopped ends with its Speech")
