"""Gradio 6.31: what its public names do not reach."""

import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from gradio import processing_utils, route_utils, routes, utils
from gradio.context import LocalContext
from gradio.route_utils import GradioUploadFile
from gradio_client import Client
from gradio_client.utils import strip_invalid_filename_characters
from jinja2 import ChoiceLoader, DictLoader
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection

API_PREFIX: str = route_utils.API_PREFIX
"""Of the paths of Gradio's own routes; written out in its documentation, but in no public name."""

_PAGE = "frontend/index.html"
_CHARSET = '<meta charset="utf-8" />'
_TEMPLATES = routes.templates.env.loader
_OF_GRADIO = re.compile(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*/>')


def upload_folder() -> Path:
    """Gives the folder of what visitors upload, which Gradio serves.

    `GRADIO_TEMP_DIR` is documented, the folder where that is not set is not.
    """
    return Path(utils.get_upload_folder()).resolve()


def save_in_cache(data: bytes, name: str, folder: str) -> str:
    """Writes a file into a component's cache, and gives its path.

    Where a component shows a file from elsewhere, Gradio stores it there a second time.

    Args:
        data: What is in the file.
        name: Of the file.
        folder: The component's `GRADIO_CACHE`.

    Raises:
        OSError: It cannot be stored.
    """
    path: str = processing_utils.save_bytes_to_cache(data, name, folder)
    return path


async def receive_upload(
    request: Request, folder: Path, max_bytes: int, upload_id: str | None
) -> list[tuple[Path, str, str]]:
    """Stores the files of an upload with Gradio's parser, in a folder of their own.

    Gradio's route leaves what has come where an upload breaks off, under names that tell nobody
    which upload it was. Its parser hashes while it reads, and tells the page how far it is.

    Args:
        request: Whose body is `multipart/form-data`.
        folder: For the files.
        max_bytes: Of each file.
        upload_id: Under which the page asks how far the upload is.

    Returns:
        Of each file where it is, the hash of its content, and a name without anything odd in it.

    Raises:
        ValueError: It is no upload.
        OverflowError: A file is too large.
        OSError: A file cannot be stored.
    """
    progress = routes.file_upload_statuses
    parser = route_utils.GradioMultiPartParser(
        request.headers,
        request.stream(),
        upload_dir=folder,
        max_file_size=max_bytes,
        upload_id=upload_id,
        upload_progress=progress if upload_id else None,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if "File size exceeded" in error.message:
            raise OverflowError(error.message) from error
        raise ValueError(error.message) from error
    except (KeyError, AttributeError) as error:  # no Content-Type; a field where it counts files
        raise ValueError(str(error)) from error
    finally:
        if upload_id:
            progress.set_done(upload_id)
        for file in parser._files_to_close_on_error:  # it closes them itself in few cases
            with suppress(OSError):  # the disk is full
                file.close()
    files = (file for file in form.getlist("files") if isinstance(file, GradioUploadFile))
    return [(Path(file.file.name), file.sha.hexdigest(), _plain(file.filename)) for file in files]


def _plain(name: str | None) -> str:
    plain: str = strip_invalid_filename_characters(Path(name or "").name)
    return plain.lstrip(".") or "file"


def public_root(request: Request, route: str) -> str:
    """Gives the URL of the application as the caller sees it, also behind a proxy, without slash.

    Only Gradio's own function takes `root_path`, `GRADIO_ROOT_PATH` and the headers of proxies into
    account in the way that the page does.

    Args:
        request: Any request to the application.
        route: The part of its path that belongs to the application.
    """
    return route_utils.get_root_url(request, route, request.app.root_path)


def event_route(request: Request) -> str:
    """Gives the part of the path of an event's request that belongs to the application.

    A `gr.Request` has the request, whose path differs by the client; how, only Gradio knows.

    Raises:
        ValueError: It is no request for an event.
    """
    return route_utils.get_api_call_path(request)


def answer_in_context_of(request: HTTPConnection) -> None:
    """Lets what follows in this task be an event of Gradio's, as `spaces` sees it.

    ZeroGPU takes the visitor's token from Gradio's context, and closes what of the page a worker
    must not hold open. Gradio sets the context for its own routes alone.
    """
    of_http: Any = request  # or of a WebSocket, of which nothing else is asked
    LocalContext.request.set(gr.Request(of_http))
    LocalContext.blocks.set(request.app.get_blocks())


def has_caller_left() -> bool:
    """Tells whether the program whose event this thread answers has gone.

    When a client leaves or cancels, Gradio closes generators; a plain function is told nothing, and
    a `gr.Request` knows the request that began the event, which has long been answered. An event
    that is cancelled is forgotten, while its function goes on.
    """
    blocks, event_id = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if blocks is None or event_id is None:
        return False
    event = blocks._queue.event_ids_to_events.get(event_id)
    return event is None or not event.alive


def is_of_mcp(request: Request) -> bool:
    """Tells whether Gradio's MCP server asks, for an agent; it says so in a header."""
    return request.headers.get("x-gradio-user") == "mcp"


def poll_queue_every(demo: gr.Blocks, seconds: float) -> None:
    """Sets how often Gradio looks into its queue and for progress to be told.

    Its own 1 ms keeps a tenth of a core busy for nothing; `Blocks.queue` has no parameter for it.
    """
    queue = demo._queue
    queue.sleep_when_free = queue.progress_update_sleep_when_free = seconds


def compute_no_analytics(demo: gr.Blocks) -> None:
    """Spares the tables that Gradio makes with pandas after each event, for its `/monitoring`.

    `GRADIO_ANALYTICS_CACHE_FREQUENCY` sets it, too, but for a whole process and before it begins.
    """
    demo._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize


def own_files(demo: gr.Blocks, files: set[str]) -> None:
    """Counts files, which may be added later, among those that Gradio deletes when it ends.

    `delete_cache` is for the files that Gradio itself made.
    """
    demo.temp_file_sets.append(files)


def temporary_files(demo: gr.Blocks) -> list[set[str]]:
    """Gives the sets of files that Gradio deletes when it ends; it forgets none before that."""
    sets: list[set[str]] = demo.temp_file_sets
    return sets


def wrapped_in(
    *middleware: Middleware,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Puts middleware around all of Gradio's, as the `lifespan` among `launch`'s `app_kwargs`.

    What is given as `middleware` there stands inside of Gradio's own, which answers CORS preflights
    and echoes any Origin with `Access-Control-Allow-Credentials`. `mount_gradio_app` would let it
    stand outside, but ZeroGPU's start-up hook is on `Blocks.launch`. Before the lifespan has
    begun no connection is accepted, so no request passes by.

    Args:
        middleware: The outermost first.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.middleware_stack = None  # Starlette builds it anew for the first request
        for each in reversed(middleware):
            app.add_middleware(each.cls, *each.args, **each.kwargs)
        yield

    return lifespan


def put_into_head(html: str) -> None:
    """Puts HTML into the head of the page, as the server sends it.

    What `launch` takes as `head` is added by Gradio's script in the browser, too late for what must
    run first, and unseen by whoever only reads the page to show what a link leads to: those find
    Gradio's own name and picture, which go.

    Args:
        html: A Jinja template, which gets Gradio's `config`.
    """
    environment = routes.templates.env
    assert _TEMPLATES is not None, "Gradio has templates"
    page, _, _ = _TEMPLATES.get_source(environment, _PAGE)
    ours = _OF_GRADIO.sub("", page).replace(_CHARSET, _CHARSET + html, 1)
    environment.loader = ChoiceLoader([DictLoader({_PAGE: ours}), _TEMPLATES])


def send_with_mcp_calls(demo: gr.Blocks, headers: dict[str, str]) -> None:
    """Puts headers on what Gradio's MCP server asks of the application itself, over loopback.

    It makes a `gradio_client.Client` at its first tool call, which reads the page's configuration
    without the caller's headers, so that a closed server would refuse it. Neither client nor
    headers can be given to it. Only endpoints with `queue=False` are called in the process, which
    would take their limits, their log messages and their cancelling along.

    Args:
        demo: Launched with `mcp_server=True`.
        headers: Sent beside those of the caller.
    """
    server = demo.mcp_server_obj
    assert server is not None, "launched with mcp_server=True"
    server._client_instance = Client(  # as it would make itself, with the headers
        demo.local_url,
        download_files=False,
        verbose=False,
        analytics_enabled=False,
        ssl_verify=False,
        _skip_components=False,
        headers={"x-gradio-user": "mcp", **headers},
    )
