"""What the plain HTTP doors share: a body to read, a take to follow, a failure to answer."""

import json
import logging
from collections.abc import AsyncGenerator
from typing import Any

import anyio
import gradio as gr
from fastapi import Request
from gradio.context import LocalContext
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect

from voxcpm_space.errors import CLIENT_LEFT, InputError, SpaceError, status_of
from voxcpm_space.studio import Events, Progress, Speech

logger = logging.getLogger(__name__)

_MAX_BODY_BYTES = 2**20


async def read_fields(request: Request) -> dict[str, object]:
    """Reads a body of at most 1 MB.

    Raises:
        InputError: It is not a JSON object.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise InputError(f"The body is larger than {_MAX_BODY_BYTES // 1024} KB.")
    try:
        fields: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError("The body is not valid JSON.") from error
    if not isinstance(fields, dict):
        raise InputError("The body must be a JSON object, with the fields by their names.")
    return fields


async def follow(request: Request, events: Events) -> AsyncGenerator[Progress | Speech, None]:
    """Gives the events of a take; when the client leaves, the work ends within one patch.

    Raises:
        ClientDisconnect: It left.
    """
    LocalContext.request.set(gr.Request(request))  # ZeroGPU takes the visitor's token from here
    try:
        async for event in iterate_in_threadpool(events):
            yield event
            if await request.is_disconnected():
                raise ClientDisconnect
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(events.close)


def failure(error: Exception, request_id: str) -> tuple[int, str]:
    """Gives status and sentence for whatever ended a request; logs what was a fault of ours."""
    if isinstance(error, ClientDisconnect):
        return CLIENT_LEFT, "The client left."
    status = status_of(error)
    if isinstance(error, gr.Error):
        return status, error.message
    if isinstance(error, SpaceError):
        return status, str(error)
    logger.error("Request %s failed through a fault of ours", request_id, exc_info=error)
    return status, f"Something went wrong on our side. Please report the request id {request_id}."
