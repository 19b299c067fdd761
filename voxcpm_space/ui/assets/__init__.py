"""The page's own JavaScript and CSS, and the speeches that it downloads: routes, and who uses them.

The modules beside this are served as they are. A component's script only imports its module, which
exports `mount(element, props, watch, trigger, upload)`.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from voxcpm_space.api.service import SpeechService
from voxcpm_space.batch import read_clip
from voxcpm_space.errors import SpaceError
from voxcpm_space.messages import Message, translate
from voxcpm_space.ui.words import t_html

_FOLDER = Path(__file__).parent
_EARLY = _FOLDER / "early.js"
_PREFIX = "/page"
_MOUNT = """
import(`${window.gradio_config.root}%s/assets/%s`)
  .then((module) => module.mount(element, props, watch, trigger, upload));
"""


class _Revalidated(StaticFiles):
    """Files that a browser keeps, and asks for only whether they have changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if Path(path).suffix.startswith(".py"):  # which are here, too
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def page_routes(service: SpeechService) -> list[BaseRoute]:
    """Gives the routes, which are the page's own and documented nowhere."""
    return [
        Route(f"{_PREFIX}/speech/{{name}}", _exporting(service)),
        Route(f"{_PREFIX}/batch/{{name}}/{{clip}}", _reading(service)),
        Mount(f"{_PREFIX}/assets", _Revalidated(directory=_FOLDER)),
    ]


def css() -> str:
    """Gives the page's style, which must be there before the page is."""
    return "\n".join(path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.css")))


def scripts() -> str:
    """Gives HTML for the page's head: what runs first, and what will be needed soon."""
    soon = "".join(
        f'<link rel="modulepreload" href="{_PREFIX[1:]}/assets/{path.name}">'
        for path in sorted(_FOLDER.glob("*.js"))
        if path != _EARLY
    )
    return f"{soon}<script>{_EARLY.read_text('utf-8')}</script>"


def component(module: str, words: Mapping[str, Message], **options: Any) -> gr.HTML:
    """Adds a component that a module brings to life.

    Args:
        module: Name of its file.
        words: What it says, for the module to read as JSON from `props.label`.
        options: Of `gr.HTML`.
    """

    def said(language: str) -> str:
        return json.dumps({name: translate(each, language) for name, each in words.items()})

    return gr.HTML(
        label=t_html(module, said) if words else None,
        js_on_load=_MOUNT % (_PREFIX, module),
        apply_default_css=False,
        **options,
    )


def markup(name: str) -> str:
    """Gives the HTML of a component from its file, with what `transport.js` brings to life."""
    transport = (_FOLDER / "transport.html").read_text("utf-8")
    return (_FOLDER / name).read_text("utf-8").format(transport=transport)


def call(module: str, function: str, *more: object) -> str:
    """Gives the `js` of an event that calls a function of a module.

    Args:
        module: Name of its file.
        function: What it exports; takes the values of the event's inputs.
        more: What it takes after them.
    """
    given = ", ".join(["...values", *map(json.dumps, more)])
    url = f"`${{window.gradio_config.root}}{_PREFIX}/assets/{module}`"
    return f"async (...values) => (await import({url})).{function}({given})"


def _exporting(service: SpeechService) -> Callable[[Request], Awaitable[Response]]:
    """Gives the route of finished speeches: ID.wav, ID.mp3, and what else `export` makes."""

    async def export(request: Request) -> Response:
        speech_id, _, kind = request.path_params["name"].rpartition(".")
        try:
            path = await run_in_threadpool(service.export, request, speech_id, kind)
        except SpaceError as error:
            return JSONResponse({"message": str(error)}, error.status)
        return FileResponse(path)

    return export


def _reading(service: SpeechService) -> Callable[[Request], Awaitable[Response]]:
    """Gives the route of clips in the ZIP file of a batch."""

    async def read(request: Request) -> Response:
        name, clip = request.path_params["name"], request.path_params["clip"]
        try:
            path = await run_in_threadpool(service.batch_file, request, name)
            content = await run_in_threadpool(read_clip, path, clip)
        except SpaceError as error:
            return JSONResponse({"message": str(error)}, error.status)
        return Response(content or b"", 200 if content else 404, media_type="audio/wav")

    return read
