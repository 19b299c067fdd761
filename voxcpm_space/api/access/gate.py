"""The one gate before everything that the server answers: it tells who asks."""

import hmac
import secrets
import time

from gradio.blocks import Blocks
from gradio.route_utils import API_PREFIX
from gradio_client import Client
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from voxcpm_space.api.access.access import Access, Caller
from voxcpm_space.api.access.rates import subscriber_of
from voxcpm_space.api.access.sessions import Sessions
from voxcpm_space.api.http import refused, route_of
from voxcpm_space.errors import SpaceError, UnknownCallerError
from voxcpm_space.monitoring import record

_OPEN = {
    *["/", "/login", "/login/", "/logout", "/favicon.ico", "/theme.css"],
    *["/healthz", "/readyz", f"{API_PREFIX}/startup-events"],
}
_OPEN_FOLDERS = ("/assets/", "/static/", "/svelte/")
"""What the login page is made of, what tells whether the server is up, and what starts it."""
_BY_KEY_ALONE = ("/voxcpm/", "/v1/")
"""A login opens none of these: a browser sends its cookie also for other people's pages."""
_FILE = f"{API_PREFIX}/file="
_MCP = f"{API_PREFIX}/mcp"
KEY_HEADER = "Ocp-Apim-Subscription-Key"
_LOOPBACK_HEADER = "X-VoxCPM-Loopback"


class Gate:
    """ASGI middleware that puts a caller on every request; a closed server refuses strangers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        """Stands before `app`."""
        self._app = app
        self._access = access
        self._sessions = Sessions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a connection through, or answers it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        try:
            request.state.caller = (
                self._closed(request) if self._access.closed else _visitor(request)
            )
        except SpaceError as error:
            request_id = secrets.token_hex(8)
            record("gate", "access", error.status, time.perf_counter(), request_id)
            await refused(request, error, request_id)(scope, receive, send)
            return
        if request.client and route_of(request).startswith(_MCP):
            # Gradio's MCP server calls its own endpoints over loopback, with the caller's headers.
            MutableHeaders(scope=scope)["X-Forwarded-For"] = request.client.host
        await self._app(scope, receive, send)

    def _closed(self, request: HTTPConnection) -> Caller | None:
        """Gives the account that asks; None where no account is needed to be let in."""
        route = route_of(request)
        key = _key_in(request)
        if key:
            caller = self._access.with_key(key)
            self._sessions.lend(request, caller.name)
            return caller
        if not route.startswith(_BY_KEY_ALONE):
            if logged_in := self._logged_in(request):
                return logged_in
            if self._is_loopback(request) or self._is_signed(request, route):
                self._sessions.lend(request, "")
                return None
            if route in _OPEN or route.startswith(_OPEN_FOLDERS):
                return None
        raise UnknownCallerError(
            "Access denied due to missing subscription key. Please send yours in the header "
            f"{KEY_HEADER}, or as Authorization: Bearer."
        )

    def _logged_in(self, request: HTTPConnection) -> Caller | None:
        name = self._sessions.name(request)
        caller = self._access.logged_in(name) if name else None
        if name and not caller:
            self._sessions.end(request)
        return caller

    def _is_loopback(self, request: HTTPConnection) -> bool:
        shown = request.headers.get(_LOOPBACK_HEADER, "")
        return hmac.compare_digest(shown.encode(), self._access.loopback_secret.encode())

    def _is_signed(self, request: HTTPConnection, route: str) -> bool:
        if not route.startswith(_FILE):
            return False
        signature = self._access.signature(route.removeprefix(_FILE))
        shown = request.query_params.get("signature", "")
        return hmac.compare_digest(shown.encode(), signature.encode())


def let_mcp_through(demo: Blocks, access: Access) -> None:
    """Gives Gradio's MCP server, which calls the endpoints over loopback, a way past the gate.

    The calls still carry the caller's own key, and are counted and charged by it.
    """
    server = demo.mcp_server_obj
    assert server is not None, "launched with mcp_server=True"
    server._client_instance = Client(  # noqa: SLF001  (as it would make itself, with the header)
        demo.local_url,
        download_files=False,
        verbose=False,
        analytics_enabled=False,
        ssl_verify=False,
        _skip_components=False,
        headers={"x-gradio-user": "mcp", _LOOPBACK_HEADER: access.loopback_secret},
    )


def _visitor(request: HTTPConnection) -> Caller:
    return Caller(subscriber_of(request.client.host if request.client else ""))


def _key_in(request: HTTPConnection) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    return request.headers.get(KEY_HEADER, "") or bearer
