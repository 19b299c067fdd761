"""Gradio's MCP server: calls of tools that nobody waits for any more are ended."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import anyio
import gradio as gr
from gradio.server_messages import ProcessCompletedMessage
from gradio_client.client import Job
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

_SESSION = "mcp-session-id"
_JOBS = "voxcpm.mcp_jobs"
_MOMENT = 0.05


def end_abandoned_mcp_calls(demo: gr.Blocks) -> None:
    """Ends a tool's work when its call is cancelled, its session is closed or its client has gone.

    Gradio calls its own endpoint by a `gradio_client.Job`, of which it only awaits the result. It
    serves MCP without sessions, so that a cancellation, which comes in a request of its own, finds
    no call. Here a client is given the id of a session, which it sends with all that follows.
    Nothing else is kept of a session, so other replicas and a server that was started anew take
    its calls, too.

    Args:
        demo: Launched with `mcp_server=True`.
    """
    server: Any = demo.mcp_server_obj
    assert server is not None, "launched with mcp_server=True"
    calls = _Calls(demo)
    handle = server.manager.handle_request
    requests = server.mcp_server

    def watched(
        execute: Callable[..., Awaitable[list[Any]]],
    ) -> Callable[..., Awaitable[list[Any]]]:
        async def executed(job: Job, *arguments: object) -> list[Any]:
            context = requests.request_context
            with calls.tracked(job, context.request.scope, context.request_id):
                return await execute(job, *arguments)

        return executed

    async def handle_request(scope: Scope, receive: Receive, send: Send) -> None:
        await _Exchange(calls, scope, receive, send).handled_by(handle)

    server._execute_tool_without_progress = watched(server._execute_tool_without_progress)
    server._execute_tool_with_progress = watched(server._execute_tool_with_progress)
    server.manager.handle_request = handle_request


class _Calls:
    """Jobs that are running now, by the session and the id of the request for them."""

    def __init__(self, demo: gr.Blocks) -> None:
        self._queue = demo._queue
        self._jobs: dict[tuple[str, str], Job] = {}

    @contextmanager
    def tracked(self, job: Job, scope: Scope, request_id: object) -> Iterator[None]:
        """Lets a job be found inside; the one that is running when its client leaves is ended."""
        session = Headers(scope=scope).get(_SESSION)
        key = (session or uuid4().hex, str(request_id))
        self._jobs[key] = scope[_JOBS][key] = job
        try:
            yield
        finally:
            self._jobs.pop(key, None)
            scope[_JOBS].pop(key, None)

    async def cancel(self, session: str, request_id: str | None = None) -> None:
        """Ends one call of a session, or all of them."""
        for key, job in [*self._jobs.items()]:
            if key[0] == session and request_id in {None, key[1]}:
                await self.end(job)

    async def end(self, job: Job) -> None:
        """Ends a job alone: `Job.cancel` would end those of all agents, who share one client."""
        communicator: Any = job.communicator
        while communicator.event_id is None and not job.done():  # noqa: ASYNC110  (a thread sets it)
            await anyio.sleep(_MOMENT)
        event = self._queue.event_ids_to_events.get(communicator.event_id)
        if event:  # the job is told first: of a dead event Gradio tells nothing
            ended = ProcessCompletedMessage(output={"error": "Cancelled."}, success=False)
            self._queue.send_message(event, ended)
            await self._queue.clean_events(event_id=event._id)


class _Exchange:
    """One HTTP request to the MCP server, and its answer."""

    def __init__(self, calls: _Calls, scope: Scope, receive: Receive, send: Send) -> None:
        self._calls, self._scope = calls, scope
        self._receive, self._send = receive, send
        self._session = Headers(scope=scope).get(_SESSION)
        self._body = bytearray()
        self._begins = False
        scope[_JOBS] = {}

    async def handled_by(self, handle: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        """Lets Gradio answer, but for what is about sessions, of which it knows nothing."""
        method = self._scope["method"]
        if self._session and method == "DELETE":
            await self._calls.cancel(self._session)
            await Response()(self._scope, self._receive, self._send)
        elif self._session and method == "GET":  # nothing is ever sent but as an answer
            await Response(status_code=405)(self._scope, self._receive, self._send)
        else:
            await handle(self._scope, self._received, self._sent)

    async def _received(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            for job in [*self._scope[_JOBS].values()]:
                await self._calls.end(job)
        elif message["type"] == "http.request":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._read()
        return message

    async def _read(self) -> None:
        try:
            asked = json.loads(self._body)
        except (ValueError, RecursionError):
            return  # Gradio says so
        if not isinstance(asked, dict):
            return
        self._begins = asked.get("method") == "initialize"
        parameters = asked.get("params")
        is_cancel = asked.get("method") == "notifications/cancelled"
        if is_cancel and self._session and isinstance(parameters, dict):
            await self._calls.cancel(self._session, str(parameters.get("requestId")))

    async def _sent(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._begins:
            MutableHeaders(scope=message)[_SESSION] = uuid4().hex
        await self._send(message)
