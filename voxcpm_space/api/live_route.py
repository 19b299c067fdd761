"""The route at which the page listens to speech while it is made."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from voxcpm_space.api.live import LiveSpeech
from voxcpm_space.api.service import SpeechService
from voxcpm_space.compat.gradio import public_root
from voxcpm_space.encoding import FORMATS, StreamEncoder

_PREFIX = "/live"
_FORMAT = FORMATS["mp3"]
"""Browsers play it as it comes, through a `MediaSource` or straight from its URL."""
_AS_IT_COMES = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Neither browser nor proxy collects it first."""


def live_url(speech: LiveSpeech, request: Request, route: str) -> str:
    """Gives the URL at which whoever asked can listen, also from behind a proxy.

    Args:
        speech: What is being made.
        request: The request for it.
        route: The part of its path that belongs to this application.
    """
    return f"{public_root(request, route)}{_PREFIX}/{speech.token}"


def live_router(service: SpeechService) -> APIRouter:
    """Gives the route, which is the page's own and documented nowhere."""
    router = APIRouter(prefix=_PREFIX, include_in_schema=False)

    @router.get("/{token}")
    async def listen(token: str) -> Response:
        speech = service.live.find(token)
        if speech is None:
            return Response(status_code=404)
        audio = _encoded(speech, service.studio.comment)
        return StreamingResponse(audio, headers=_AS_IT_COMES, media_type=_FORMAT.media_type)

    return router


async def _encoded(speech: LiveSpeech, comment: str) -> AsyncGenerator[bytes, None]:
    encoder = None
    async with aclosing(speech.chunks()) as chunks:
        async for samples, sample_rate in chunks:
            encoder = encoder or StreamEncoder(_FORMAT, sample_rate, comment)
            yield await run_in_threadpool(encoder.encode, samples)
    if encoder:
        yield await run_in_threadpool(encoder.finish)
