"""The routes of files: made ones by name, and by path whatever else this server keeps."""

import mimetypes
import re
import secrets
import time
from os import stat_result
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.datastructures import MutableHeaders
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from voxcpm_space.api.access.routes import SPEECH_PREFIX
from voxcpm_space.api.http import refused
from voxcpm_space.api.service import SpeechService
from voxcpm_space.compat.gradio import API_PREFIX, upload_folder
from voxcpm_space.errors import NotFoundError
from voxcpm_space.messages import N_

_READ = ["GET", "HEAD"]
_SHOWN = {"image/gif", "image/jpeg", "image/png", "image/webp", "text/plain", "text/vtt"}
"""Beside sound: whatever else somebody uploads, no browser runs it as a page of this server."""
_RANGE = re.compile(r"(?:[0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})")
_CACHE = StaticFiles()


def files_router(service: SpeechService) -> APIRouter:
    """Gives the route of made files, and the one at which Gradio's clients look for any file."""
    router = APIRouter(include_in_schema=False)

    @router.api_route(f"{SPEECH_PREFIX}{{name}}", methods=_READ)
    def made(request: Request, name: str) -> Response:
        return _sent(request, service.made_file(name), is_made=True)

    @router.api_route(f"{API_PREFIX}/file={{path:path}}", methods=_READ)
    def kept(request: Request, path: str) -> Response:
        """Answers for Gradio, which would repeat a request's headers and fetch other servers'."""
        file = _kept_file(path)
        is_made = file is not None and service.made_file(file.name) == file
        return _sent(request, file, is_made=is_made)

    return router


def _kept_file(path: str) -> Path | None:
    """Gives a file in Gradio's folder, into which uploads and made files go; None for others."""
    try:
        file = Path(path).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):  # no such file, or no path at all
        return None
    return file if file.is_file() and file.is_relative_to(upload_folder()) else None


def _sent(request: Request, path: Path | None, *, is_made: bool) -> Response:
    try:
        stat = path.stat() if path else None
    except FileNotFoundError:  # it has expired meanwhile
        stat = None
    if path is None or stat is None:
        gone = NotFoundError(N_("There is no such file, or it has expired."))
        return refused(request, gone, secrets.token_hex(8))
    _drop_invalid_range(request)
    media_type = mimetypes.guess_type(path)[0] or ""
    is_shown = media_type.startswith("audio/") or media_type in _SHOWN
    response = FileResponse(
        path,
        headers={"X-Content-Type-Options": "nosniff"},
        media_type=media_type if is_shown else "application/octet-stream",
        filename=_readable_name(path, stat) if is_made else path.name,
        stat_result=stat,
        content_disposition_type="inline" if is_shown else "attachment",
    )
    if _CACHE.is_not_modified(response.headers, request.headers):
        return NotModifiedResponse(response.headers)
    return response


def _drop_invalid_range(request: Request) -> None:
    """Lets the whole file be sent where Range is invalid, as RFC 9110 has it (14.2).

    Starlette would answer 400, which no player expects.
    """
    unit, _, ranges = request.headers.get("Range", "").partition("=")
    if unit.strip().lower() == "bytes" and all(_is_range(part) for part in ranges.split(",")):
        return
    del MutableHeaders(scope=request.scope)["Range"]


def _is_range(part: str) -> bool:
    if not _RANGE.fullmatch(part.strip()):
        return False
    first, _, last = part.strip().partition("-")
    return not (first and last) or int(first) <= int(last)


def _readable_name(path: Path, stat: stat_result) -> str:
    """Gives when it was made, in UTC: the name on disk is there not to be guessed."""
    made = time.strftime("%Y-%m-%d-%H%M%S", time.gmtime(stat.st_mtime))
    return f"speech-{made}{path.suffix}"
