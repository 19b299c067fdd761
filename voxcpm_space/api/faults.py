"""Errors that nobody has answered: a sentence for the caller, and their place for the log."""

import logging
import secrets

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voxcpm_space.api.http import refused, route_of
from voxcpm_space.compat.gradio import API_PREFIX
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_

logger = logging.getLogger(__name__)

_CALLS = (f"{API_PREFIX}/call/", f"{API_PREFIX}/run/", f"{API_PREFIX}/queue/join")


class Faults:
    """ASGI middleware that lets no error out, with which uvicorn would log what somebody wrote."""

    def __init__(self, app: ASGIApp) -> None:
        """Stands before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # the outermost door
            if not has_begun:
                await _answer_to(HTTPConnection(scope), error)(scope, receive, send)
            elif isinstance(error.__cause__, HTTPException):  # Gradio's stream has told of it
                await send({"type": "http.response.body"})
            else:
                logger.exception("An answer broke off through a fault of ours")


def _answer_to(request: HTTPConnection, error: Exception) -> ASGIApp:
    if request.scope.get("method") == "POST" and route_of(request).startswith(_CALLS):
        # Gradio only looks here for what is called, and whether the values have its names.
        error = InputError(
            N_(
                "There is no such endpoint here, or it does not take these values. {info} has the "
                "endpoints with the names and types of what they take.",
                info=f"{API_PREFIX}/info",
            )
        )
    return refused(request, error, secrets.token_hex(8))
