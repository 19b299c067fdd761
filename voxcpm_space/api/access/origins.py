"""What pages of other sites may do with a visitor's login: nothing.

A cookie with `SameSite=Lax` comes along from other ports and subdomains of the same site.
"""

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from voxcpm_space.api.http import route_of
from voxcpm_space.errors import ForbiddenError
from voxcpm_space.messages import N_

_CHANGE_NOTHING = {"GET", "HEAD", "OPTIONS"}

BY_KEY_ALONE = ("/voxcpm/", "/v1/", "/metrics")
"""Doors that no login opens, since a browser sends its cookie also for other people's pages."""
_EXPOSED = [
    *("X-Seed", "X-Audio-Seconds", "X-Model", "X-Request-Id", "X-Warnings", "X-Text-Notes"),
    *("X-Transcript", "X-Subtitles-SRT", "X-Subtitles-VTT", "Retry-After"),
]


class Cors:
    """ASGI middleware that lets programs in other sites' pages ask with a key of their own.

    Browsers withhold the cookie: no answer allows credentials. Refusals have the headers, too.
    """

    def __init__(self, app: ASGIApp, origins: str, *, everywhere: bool) -> None:
        """Stands before the gate.

        Args:
            app: What it stands before.
            origins: As `VOXCPM_CORS`.
            everywhere: Whether for all routes, and not for the doors of keys alone.
        """
        self._app = app
        self._everywhere = everywhere
        self._origins = [origin.strip() for origin in origins.split(",") if origin.strip()]
        self._cors = CORSMiddleware(
            self._inside,
            allow_origins=self._origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
            allow_private_network=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        by_key = scope["type"] != "lifespan" and is_by_key(HTTPConnection(scope))
        if scope["type"] == "http" and (by_key or self._everywhere):
            await self._cors(scope, receive, send)
        elif scope["type"] == "websocket" and by_key and not self._allows(HTTPConnection(scope)):
            await PlainTextResponse("", 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_by_key(HTTPConnection(scope)):
            del MutableHeaders(scope=scope)["Origin"]  # Gradio would answer it with credentials
        await self._app(scope, receive, send)

    def _allows(self, request: HTTPConnection) -> bool:
        """Tells whether a socket may be opened, which browsers ask of no server before."""
        origin = request.headers.get("Origin")
        is_own = not comes_from_elsewhere(request)
        return is_own or "*" in self._origins or origin in self._origins


def is_by_key(request: HTTPConnection) -> bool:
    """Tells whether it is for a door that a key opens, and no login."""
    return f"{route_of(request)}/".startswith(BY_KEY_ALONE)


def comes_from_elsewhere(request: HTTPConnection) -> bool:
    """Tells whether a page of another origin made a browser send this.

    By `Sec-Fetch-Site`, which browsers send to HTTPS and loopback (W3C Fetch Metadata), else by
    `Origin`. Programs send neither. A page can set none of these headers, nor
    `X-Forwarded-Host`, by which a proxy says what the browser took for the host.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    forwarded = request.headers.get("X-Forwarded-Host", "").partition(",")[0].strip()
    return origin.partition("://")[2] not in {request.headers.get("Host"), forwarded} - {"", None}


def refuse_changes_from_elsewhere(request: HTTPConnection) -> None:
    """Lets no other site's page change anything in a visitor's name.

    Raises:
        ForbiddenError: It tries.
    """
    if request.scope.get("method") not in _CHANGE_NOTHING and comes_from_elsewhere(request):
        raise ForbiddenError(
            N_(
                "This was sent by a page of another website, which may not use your login. "
                "Please open the page of this server itself."
            )
        )
