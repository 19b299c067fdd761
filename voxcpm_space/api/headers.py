"""Tells every program which model speaks."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voxcpm_space.studio import Studio


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
