"""What the plain HTTP doors share: a body to read, events to follow, a failure to answer."""

import json
import logging
import secrets
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import anyio
import anyio.to_thread
from fastapi import Request, Response, WebSocket
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import Message, Receive, Scope, Send

from voxcpm_space.api.openapi import OpenAIError, OpenAIRefusal, Refusal
from voxcpm_space.compat.gradio import answer_in_context_of
from voxcpm_space.errors import CLIENT_LEFT, InputError, SpaceError, status_of
from voxcpm_space.messages import N_, requested_language, translate
from voxcpm_space.monitoring import record
from voxcpm_space.studio import Events, Progress, Speech

logger = logging.getLogger(__name__)

OPENAI_PREFIX = "/v1"
_MAX_BODY_BYTES = 8 * 2**20
"""Holds a `data:` URL of a 30 s clip as WAV."""
_THREADS = anyio.CapacityLimiter(128)
"""Takes that wait and clips that come slowly hold one each; more than Starlette's own 40."""


@dataclass
class Fault:
    """What ended a request early.

    Attributes:
        error: None where nothing did.
    """

    error: Exception | None = None


@contextmanager
def caught() -> Iterator[Fault]:
    """Lets no error out of an outermost door, which answers it with `failure` or `refused`."""
    fault = Fault()
    try:
        yield fault
    except Exception as error:  # noqa: BLE001  (`failure` logs what is ours)
        fault.error = error


async def answered(
    door: str, operation: str, request: Request, respond: Callable[[], Awaitable[Response]]
) -> Response:
    """Answers a request whatever comes of it, records it, and names it in the answer.

    Args:
        door: Which front door it came through.
        operation: What was asked for.
        request: The request.
        respond: Gives the response of a request that succeeds; a stream is recorded at its end.
    """
    started, request_id = time.perf_counter(), secrets.token_hex(8)
    with caught() as fault:
        response = await respond()
        response.headers["X-Request-Id"] = request_id
    if fault.error:
        response = refused(request, fault.error, request_id)

    if isinstance(response, RecordedStream):
        response.on_end = lambda status: record(door, operation, status, started, request_id)
    else:
        record(door, operation, response.status_code, started, request_id)
    return response


class RecordedStream(StreamingResponse):
    """A response that flows while it is made, and is recorded by how it ends.

    What breaks in the middle can change the status no more: the connection is closed before the
    end of the body, which every client notices.

    Attributes:
        on_end: Told the status that the request would have had.
    """

    on_end: Callable[[int], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        status = CLIENT_LEFT

        async def send_and_look(message: Message) -> None:
            nonlocal status
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                status = self.status_code

        try:
            with caught() as fault:
                await super().__call__(scope, receive, send_and_look)
            if fault.error:
                status, _ = failure(fault.error, self.headers["X-Request-Id"])
        finally:
            self.on_end(status)


async def read_fields(request: Request) -> dict[str, object]:
    """Reads a body of at most 8 MB.

    Raises:
        InputError: It is not a JSON object.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise InputError(
                N_(
                    "The body is larger than {size} MB. Please send a smaller clip, or its URL.",
                    size=_MAX_BODY_BYTES // 2**20,
                )
            )
    return parsed_object(body)


def parsed_object(body: bytes | bytearray | str) -> dict[str, object]:
    """Reads JSON.

    Raises:
        InputError: It is no JSON object, or one that cannot be read.
    """
    try:
        parsed: object = json.loads(body)
    except RecursionError as error:
        raise InputError(
            N_("The JSON nests lists or objects too deeply. Fields need one object in another.")
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(N_("This is not valid JSON.")) from error
    except ValueError as error:  # raised by int(): the only one that is none of these two
        raise InputError(
            N_(
                "The JSON has a whole number of more than {most:,} digits. Please shorten it.",
                most=sys.get_int_max_str_digits(),
            )
        ) from error
    if not isinstance(parsed, dict):
        raise InputError(N_("The JSON must be an object, with the fields by their names."))
    return parsed


async def follow(
    request: Request | WebSocket, events: Events
) -> AsyncGenerator[Progress | Speech, None]:
    """Gives the events of a speech; when the client leaves, the work ends within one patch.

    Raises:
        ClientDisconnect: It left.
    """
    answer_in_context_of(request)
    try:
        while event := await anyio.to_thread.run_sync(next, events, None, limiter=_THREADS):
            yield event
            # Who reads a socket hears by that when it is closed, and ends this.
            if isinstance(request, Request) and await request.is_disconnected():
                raise ClientDisconnect
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(events.close, limiter=_THREADS)


def refused(request: HTTPConnection, error: Exception, request_id: str) -> JSONResponse:
    """Answers whatever ended a request, in the shape of the API that was asked."""
    status, message = failure(error, request_id)
    message = translate(message, requested_language(request.headers))
    content: Refusal | OpenAIRefusal = Refusal(statusCode=status, message=message)
    if route_of(request).startswith(OPENAI_PREFIX):
        kind = "invalid_request_error" if status < 500 else "server_error"  # noqa: PLR2004
        field = error.field if isinstance(error, InputError) else ""
        content = OpenAIRefusal(error=OpenAIError(message=message, type=kind, param=field or None))
    headers = error.headers if isinstance(error, SpaceError) else {}
    headers = {**headers, "X-Request-Id": request_id}
    return JSONResponse(content.model_dump(), status, headers=headers)


def route_of(request: HTTPConnection) -> str:
    """Gives the part of a request's path that belongs to this application, also behind a proxy."""
    path: str = request.scope["path"]
    root = request.scope.get("root_path", "")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def failure(error: Exception, request_id: str) -> tuple[int, str]:
    """Gives status and sentence; logs what was a fault of ours."""
    if isinstance(error, ClientDisconnect):
        return CLIENT_LEFT, N_("The client left.")
    status = status_of(error)
    if isinstance(error, SpaceError):
        return status, error.message
    logger.error("Request %s failed through a fault of ours", request_id, exc_info=error)
    return status, N_(
        "Something went wrong on our side. Please report the request id {id}.", id=request_id
    )
