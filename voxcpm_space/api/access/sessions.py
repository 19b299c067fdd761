"""Gradio's own logins, seen and given out from outside: its page and routes know no keys."""

import secrets

from gradio.routes import App
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection


class Sessions:
    """The cookies by which Gradio knows who is logged in."""

    def __init__(self) -> None:
        """Starts with nobody."""
        self._tokens: dict[str, str] = {}

    @staticmethod
    def name(request: HTTPConnection) -> str | None:
        """Gives the name under which whoever asks has logged in."""
        app = _app(request)
        return app.tokens.get(_token(request, app) or "")

    @staticmethod
    def end(request: HTTPConnection) -> None:
        """Logs out whoever asks."""
        app = _app(request)
        app.tokens.pop(_token(request, app) or "", None)

    def lend(self, request: HTTPConnection, name: str) -> None:
        """Makes Gradio see this one request as logged in."""
        app = _app(request)
        token = self._tokens.setdefault(name, secrets.token_urlsafe())
        app.tokens[token] = name
        MutableHeaders(scope=request.scope)["cookie"] = f"{_cookie_names(app)[0]}={token}"


def _app(request: HTTPConnection) -> App:
    app = request.scope["app"]
    assert isinstance(app, App)
    return app


def _cookie_names(app: App) -> tuple[str, str]:
    """The one for HTTPS, and the one for plain HTTP, as Gradio's login sets them."""
    return f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}"


def _token(request: HTTPConnection, app: App) -> str | None:
    secure, plain = _cookie_names(app)
    return request.cookies.get(secure) or request.cookies.get(plain)
