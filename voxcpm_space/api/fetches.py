"""Files that are being fetched, which make no room for others until then."""

from contextlib import suppress
from pathlib import PurePosixPath

from starlette.types import ASGIApp, Receive, Scope, Send

from voxcpm_space.kept_files import KeptFiles


class Fetches:
    """ASGI middleware that names the file at the end of a request's path while that is answered."""

    def __init__(self, app: ASGIApp, kept: KeptFiles) -> None:
        """Wraps `app`."""
        self._app = app
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        name = PurePosixPath(scope.get("path", "")).name
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or "." not in name:
            await self._app(scope, receive, send)
            return
        with suppress(OSError):  # then there is nothing to fetch
            self._kept.restore()
        with self._kept.fetching(name):
            await self._app(scope, receive, send)
