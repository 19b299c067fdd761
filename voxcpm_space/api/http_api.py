"""All plain HTTP routes, with their documentation at /docs."""

from fastapi import FastAPI, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi_offline import FastAPIOffline
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voxcpm_space.api.access.gate import KEY_HEADER
from voxcpm_space.api.files import files_router
from voxcpm_space.api.health import health_router, metrics_router
from voxcpm_space.api.hosted import hosted_router
from voxcpm_space.api.live_route import live_router
from voxcpm_space.api.openai import openai_router
from voxcpm_space.api.service import SpeechService
from voxcpm_space.api.speech_socket import speech_socket
from voxcpm_space.api.voices import voices_router
from voxcpm_space.studio import Studio

_DESCRIPTION = """
Speech from text, in a voice that is described or cloned from a clip. The routes below `/voxcpm/v1`
are those of the hosted VoxCPM API, the routes below `/v1` those of OpenAI's speech API.
"""
_KEYS = [
    Security(APIKeyHeader(name=KEY_HEADER, auto_error=False, description="The account's key.")),
    Security(HTTPBearer(auto_error=False, description="The account's key.")),
]


def http_api(service: SpeechService) -> FastAPI:
    """Gives the application whose routes stand beside Gradio's.

    Its pages at /docs load nothing from elsewhere. The gate checks the keys; here they are only
    documented, where the server asks for them.
    """
    api: FastAPI = FastAPIOffline(
        title="VoxCPM2",
        version="1",
        description=_DESCRIPTION,
        redoc_url=None,
    )
    keys = _KEYS if service.is_closed else []
    api.include_router(hosted_router(service), dependencies=keys)
    api.include_router(openai_router(service), dependencies=keys)
    api.include_router(speech_socket(service))
    api.include_router(voices_router(service), dependencies=keys)
    api.include_router(metrics_router(), dependencies=keys)
    api.include_router(live_router(service))
    api.include_router(files_router(service))
    api.include_router(health_router(service.studio))
    return api


class ModelHeader:
    """ASGI middleware that puts `X-Model` on every response, once the model is known."""

    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        """Wraps `app`."""
        self._app = app
        self._studio = studio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""

        async def send_with_model(message: Message) -> None:
            if message["type"] == "http.response.start" and self._studio.status.model:
                MutableHeaders(scope=message)["X-Model"] = self._studio.status.model
            await send(message)

        await self._app(scope, receive, send_with_model)
