"""Every route that is open to anybody, with who needs it; all else is 404.

Gradio serves much more beside these: a converter for screen recordings, a reverse proxy, a monitor.
`tests/e2e/test_routes.py` holds each route of the application to be either here or known to be left
out, so that another Gradio opens nothing by itself.
"""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Match, Route, WebSocketRoute
from starlette.types import Scope
from starlette.websockets import WebSocket

from voxcpm_space.compat.gradio import API_PREFIX
from voxcpm_space.errors import MethodError, NotFoundError
from voxcpm_space.messages import N_

SPEECH_PREFIX = "/speech/"
"""Of the links to made files."""

_GET, _READ, _POST = ("GET",), ("GET", "HEAD"), ("POST",)

ALLOWED: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # Ours
    ("/voxcpm/v1/text-to-speech", _POST, "the hosted API"),
    ("/voxcpm/v1/voice-cloning", _POST, "the hosted API"),
    ("/voxcpm/v1/subtitles/{speech_id}.{kind}", _GET, "links of the hosted API's headers"),
    ("/v1/audio/speech", _POST, "OpenAI's API"),
    ("/v1/audio/voices", ("GET", "POST"), "OpenAI's API: lists and stores voices"),
    ("/v1/audio/voices/{name:path}", ("DELETE",), "OpenAI's API: deletes a voice"),
    ("/v1/audio/models", _GET, "OpenAI's API: Open WebUI looks for models that speak"),
    ("/v1/models", _GET, "OpenAI's API"),
    ("/v1/models/{model:path}", _GET, "OpenAI's API: programs look at the model they speak with"),
    (f"{SPEECH_PREFIX}{{name}}", _READ, "links to made files"),
    ("/live/{token}", _GET, "the page plays speech while it is made"),
    ("/healthz", _GET, "whoever runs the server"),
    ("/readyz", _GET, "whoever runs the server"),
    ("/metrics", _GET, "Prometheus"),
    ("/docs", _GET, "people read about the plain HTTP routes"),
    ("/openapi.json", _READ, "/docs, and generators of clients"),
    ("/static-offline-docs/{path:path}", _READ, "/docs: its script and style"),
    ("/login", ("GET", "HEAD", "POST"), "people and gradio_client log in"),
    ("/login/", ("GET", "HEAD", "POST"), "people and gradio_client log in"),
    ("/logout", _READ, "people log out"),
    ("/logout/", _READ, "people log out"),
    # The page
    ("/", _READ, "the page"),
    ("/assets/{path:path}", _GET, "the page: scripts and styles"),
    ("/static/{path:path}", _GET, "the page: fonts and icons"),
    ("/theme.css", _GET, "the page: its colours"),
    ("/page/assets/{path:path}", _READ, "the page: scripts and styles of our own"),
    ("/page/speech/{name}", _GET, "the page downloads a speech in the format that is chosen"),
    ("/page/batch/{name}/{clip}", _GET, "the page plays the clips of a batch"),
    ("/favicon.ico", _GET, "browsers show it in a tab"),
    ("/manifest.json", _GET, "the page as an app of its own"),
    ("/robots.txt", _GET, "search engines ask for it"),
    (f"{API_PREFIX}/app_id", _GET, "the page: whether the server was started anew"),
    (f"{API_PREFIX}/startup-events", _GET, "the server itself, when it starts"),
    (f"{API_PREFIX}/run/predict", _POST, "the page: events that wait in no queue"),
    # The page and gradio_client
    ("/config", _GET, "gradio_client: what there is to call"),
    (f"{API_PREFIX}/info", _GET, "gradio_client: names and types; the page's Use via API"),
    (f"{API_PREFIX}/heartbeat/{{session_hash}}", _GET, "tells the server that somebody has left"),
    (f"{API_PREFIX}/upload", _POST, "clips, voices and files of a batch"),
    (f"{API_PREFIX}/upload_progress", _GET, "the page: how far an upload is"),
    (f"{API_PREFIX}/queue/join", _POST, "begins an event"),
    (f"{API_PREFIX}/queue/data", _GET, "what comes of events"),
    (f"{API_PREFIX}/cancel", _POST, "ends an event"),
    (f"{API_PREFIX}/reset", _POST, "gradio_client: ends a generator"),
    (f"{API_PREFIX}/file={{path:path}}", _READ, "links that clients make of a file's path"),
    # Programs without a client
    (f"{API_PREFIX}/openapi.json", _GET, "describes the calls below"),
    (f"{API_PREFIX}/call/{{api_name}}", _POST, "calls an endpoint, values in their order"),
    (f"{API_PREFIX}/call/{{api_name}}/{{event_id}}", _GET, "what comes of it"),
    (f"{API_PREFIX}/call/v2/{{api_name}}", _POST, "calls an endpoint, values by name"),
    (f"{API_PREFIX}/call/v2/{{api_name}}/{{event_id}}", _GET, "what comes of it"),
    # Agents
    (f"{API_PREFIX}/mcp", ("GET", "POST", "DELETE"), "MCP; people see how to connect"),
    (f"{API_PREFIX}/mcp/", ("GET", "POST", "DELETE"), "MCP; people see how to connect"),
    (f"{API_PREFIX}/mcp/http", ("GET", "POST", "DELETE"), "MCP, at Gradio's older address"),
    (f"{API_PREFIX}/mcp/http/", ("GET", "POST", "DELETE"), "MCP, at Gradio's older address"),
    (f"{API_PREFIX}/mcp/schema", _READ, "Hugging Face lists the tools of a Space"),
    (f"{API_PREFIX}/mcp/sse", _GET, "MCP's older transport"),
    (f"{API_PREFIX}/mcp/messages/", _POST, "MCP's older transport"),
)
"""Paths as Starlette writes them, methods, and who needs them. A preflight goes where they go."""


SOCKETS = (("/v1/audio/speech/stream", "voice agents: text in pieces, audio as it is made"),)
"""Paths of the WebSockets that are open, and who needs them."""


async def _nothing(_: WebSocket) -> None:
    """Is never called: routes only say here what they match."""


_ROUTES = [(Route(path, Response(), methods=[*methods]), methods) for path, methods, _ in ALLOWED]
_SOCKETS = [WebSocketRoute(path, _nothing) for path, _ in SOCKETS]


def refuse_what_is_not_allowed(scope: Scope) -> None:
    """Lets a connection pass that asks for one of the routes above.

    Raises:
        NotFoundError: It asks for something else.
        MethodError: It asks in another way.
    """
    if any(route.matches(scope)[0] is Match.FULL for route in _SOCKETS):
        return
    matches = [(route.matches(scope)[0], methods) for route, methods in _ROUTES]
    passing = {Match.FULL, Match.PARTIAL} if _is_preflight(scope) else {Match.FULL}
    if any(match in passing for match, _ in matches):
        return
    for match, methods in matches:
        if match is Match.PARTIAL:
            raise MethodError(methods)
    raise NotFoundError(
        N_("There is nothing here. What this server has is described at {docs}.", docs="/docs")
    )


def _is_preflight(scope: Scope) -> bool:
    """Whether a browser asks what a page of another origin may ask for."""
    asks = scope.get("method") == "OPTIONS"
    return asks and "Access-Control-Request-Method" in Headers(scope=scope)
