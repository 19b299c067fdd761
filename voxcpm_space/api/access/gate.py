"""The one gate before everything that the server answers: it tells who asks."""

import hmac
import secrets
import time

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from voxcpm_space.api.access.access import Access, Caller
from voxcpm_space.api.access.login import Login
from voxcpm_space.api.access.origins import BY_KEY_ALONE, refuse_changes_from_elsewhere
from voxcpm_space.api.access.proxies import LOOPBACK_HEADER
from voxcpm_space.api.access.rates import subscriber_of
from voxcpm_space.api.access.routes import SPEECH_PREFIX, refuse_what_is_not_allowed
from voxcpm_space.api.http import refused, route_of
from voxcpm_space.compat.gradio import API_PREFIX
from voxcpm_space.errors import SpaceError, UnknownCallerError
from voxcpm_space.messages import N_
from voxcpm_space.monitoring import record

_OPEN = {"/favicon.ico", "/healthz", "/readyz", f"{API_PREFIX}/startup-events"}
"""What a login page shows in its tab, what tells whether the server is up, and what starts it."""
_MCP = f"{API_PREFIX}/mcp"
KEY_HEADER = "Ocp-Apim-Subscription-Key"


class Gate:
    """ASGI middleware that puts a caller on every request; a closed server refuses strangers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        """Stands before `app`, and before Gradio's own middleware."""
        self._app = app
        self._access = access
        self._login = Login(access)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a connection through, or answers it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        app = self._app
        request = HTTPConnection(scope)
        try:
            refuse_what_is_not_allowed(scope)
            if self._access.closed:
                app = await self._closed(scope, receive)
            else:
                request.state.caller = _visitor(request)
        except SpaceError as error:
            request_id = secrets.token_hex(8)
            record("gate", "access", error.status, time.perf_counter(), request_id)
            app = refused(request, error, request_id)
        if request.client and route_of(request).startswith(_MCP):
            # Gradio's MCP server calls its own endpoints over loopback, with the caller's headers.
            MutableHeaders(scope=scope)["X-Forwarded-For"] = request.client.host
        await app(scope, receive, send)

    async def _closed(self, scope: Scope, receive: Receive) -> ASGIApp:
        """Gives what answers: the application, told of the account that asks, or a login page."""
        request = HTTPConnection(scope)
        caller = self._known(request)
        if scope["type"] == "http":
            request = Request(scope, receive)
            page = await self._login.answer(request, may_enter=caller is not None)
            if page is not None:
                return page
        if caller is None and not self._needs_no_account(request):
            raise UnknownCallerError(
                N_(
                    "Access denied due to missing subscription key. Please send yours in the "
                    "header {header}, or as Authorization: Bearer.",
                    header=KEY_HEADER,
                )
            )
        request.state.caller = caller
        del MutableHeaders(scope=scope)["Origin"]  # Gradio would answer it with credentials
        return self._app

    def _known(self, request: HTTPConnection) -> Caller | None:
        """Gives the account whose key or login comes along."""
        if key := _key_in(request):
            return self._access.with_key(key)
        session = request.cookies.get(self._access.sessions.cookie)
        if not session or route_of(request).startswith(BY_KEY_ALONE):
            return None
        caller = self._access.logged_in(session)
        if caller:
            refuse_changes_from_elsewhere(request)
        return caller

    def _needs_no_account(self, request: HTTPConnection) -> bool:
        route = route_of(request)
        if route.startswith(BY_KEY_ALONE):
            return False
        is_own = self._access.is_loopback(request.headers.get(LOOPBACK_HEADER, ""))
        return is_own or route in _OPEN or self._is_signed(request, route)

    def _is_signed(self, request: HTTPConnection, route: str) -> bool:
        name = route.removeprefix(SPEECH_PREFIX)
        if name == route:
            return False
        signature = self._access.signature(name)
        shown = request.query_params.get("signature", "")
        return hmac.compare_digest(shown.encode(), signature.encode())


def account_of(request: Request) -> str | None:
    """Gives the name of the account that asks, as Gradio's `auth_dependency` wants it.

    Returns:
        The name; empty for what the gate lets through without; None for what never passed it.
    """
    if not hasattr(request.state, "caller"):
        return None
    caller: Caller | None = request.state.caller
    return caller.name if caller else ""


def _visitor(request: HTTPConnection) -> Caller:
    return Caller(subscriber_of(request.client.host if request.client else ""))


def _key_in(request: HTTPConnection) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    return request.headers.get(KEY_HEADER, "") or bearer
