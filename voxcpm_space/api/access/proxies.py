"""Whose word counts for a visitor's address and for the server's: that of the proxies between."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from voxcpm_space.api.access.access import Access

LOOPBACK_HEADER = "X-VoxCPM-Loopback"
"""Has `Access.loopback_secret` where Gradio's MCP server asks, beside the caller's headers."""

_PRIVATE_NETWORKS = (
    "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,::1/128,fc00::/7"
)
_VARIABLE, _LOOPBACK = "FORWARDED_ALLOW_IPS", "127.0.0.1,::1"
"""uvicorn's, and what it takes where that is not set."""
_HEADERS = (
    *["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port"],
    *["X-Forwarded-Prefix", "X-Forwarded-Proto", "X-Gradio-Server"],
)
"""Of which uvicorn checks two. Gradio believes `-Host`, `-Proto` and its own from anybody."""


def trust_the_proxies_of_a_space() -> None:
    """On Hugging Face, makes uvicorn take the address from X-Forwarded-For.

    There every request comes through proxies with private addresses, so that without this all
    visitors would share one rate limit. uvicorn reads the header from its end, up to the first
    address that is not a proxy's: what a visitor writes into it does not count.
    """
    if os.environ.get("SYSTEM") == "spaces":
        os.environ.setdefault(_VARIABLE, _PRIVATE_NETWORKS)


def trusted_proxies() -> str:
    """Gives the addresses of proxies as uvicorn takes them, with commas between; `*` is all."""
    return os.environ.get(_VARIABLE, _LOOPBACK)


@contextmanager
def proxies_left_to_us() -> Iterator[str]:
    """Gives whom to trust to `TrustedProxies`; a uvicorn that is started inside trusts nobody.

    It would put the visitor's address in place of the proxy's, after which nobody could tell
    whether a proxy had sent the other headers. Its setting is a variable of the environment, since
    Gradio passes none on.
    """
    set_before, trusted = os.environ.get(_VARIABLE), trusted_proxies()
    os.environ[_VARIABLE] = ""
    try:
        yield trusted
    finally:
        del os.environ[_VARIABLE]
        if set_before is not None:
            os.environ[_VARIABLE] = set_before


class TrustedProxies:
    """ASGI middleware that takes what proxies say, and hides it from all others where it is forged.

    Links are made of these headers, so that whoever is believed chooses where they lead.
    """

    def __init__(self, app: ASGIApp, access: Access, trusted: str) -> None:
        """Stands before `app`.

        Args:
            app: What believes the headers.
            access: Knows what this process asks of itself, with the headers that were checked once.
            trusted: Addresses and networks with commas between, or `*`, as uvicorn reads them.
        """
        self._app, self._access = app, access
        inner = cast("Any", app)  # the same, typed more strictly
        self._from_proxies = ProxyHeadersMiddleware(inner, trusted)
        self._from_ourselves = ProxyHeadersMiddleware(inner, "*")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        app: ASGIApp = self._app
        if scope["type"] != "lifespan":
            app = self._believing(HTTPConnection(scope))
        await app(scope, receive, send)

    def _believing(self, request: HTTPConnection) -> ASGIApp:
        if self._access.is_loopback(request.headers.get(LOOPBACK_HEADER, "")):
            return cast("ASGIApp", self._from_ourselves)
        peer = request.client.host if request.client else None
        if peer not in self._from_proxies.trusted_hosts:
            for name in _HEADERS:
                del MutableHeaders(scope=request.scope)[name]
        return cast("ASGIApp", self._from_proxies)
