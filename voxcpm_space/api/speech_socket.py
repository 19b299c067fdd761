"""Speech for voice agents: text comes in pieces over a WebSocket, audio goes out as it is made.

The messages are those of vLLM-Omni's socket at the same path, and `input.flush` and `input.cancel`.
"""

import json
import secrets
import time
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import anyio
import anyio.abc
from fastapi import APIRouter, WebSocket
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from voxcpm_space.api.http import OPENAI_PREFIX, caught, failure, follow, parsed_object
from voxcpm_space.api.openai_request import OpenAISpeech, fields_of, in_openai_s_words, understood
from voxcpm_space.api.service import SpeechService
from voxcpm_space.checking import checked
from voxcpm_space.encoding import FORMATS, StreamEncoder
from voxcpm_space.errors import CLIENT_LEFT, InputError
from voxcpm_space.messages import N_, requested_language, translate
from voxcpm_space.monitoring import record
from voxcpm_space.schemas import REQUESTS
from voxcpm_space.studio import Progress
from voxcpm_space.text import TextPieces

_MOMENT = 0.5
"""Seconds without text after which a clause is spoken, though its sentence has not ended."""
_IDLE_SECONDS = 600.0
"""After which a socket on which nothing is asked for is closed."""
_MANY_PIECES = 10_000
"""More than a text can have."""
_GOING_AWAY = 1001

_Message: TypeAlias = dict[str, Any]


class SessionConfig(OpenAISpeech):
    """The fields of OpenAI's speech API, all but the text, and how the audio is sent."""

    type: Literal["session.config"] = "session.config"
    input: object = ""
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "wav"
    stream_audio: bool | None = Field(
        None, description="Whether a sentence is sent as it is made; only of pcm where not given."
    )

    @property
    def flows(self) -> bool:
        """Whether a sentence is sent in many frames, as it is made, and not in one."""
        return self.response_format == "pcm" if self.stream_audio is None else self.stream_audio


def speech_socket(service: SpeechService) -> APIRouter:
    """Gives the route of the socket."""
    router = APIRouter(prefix=OPENAI_PREFIX)

    @router.websocket("/audio/speech/stream")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await _Session(service, socket).serve()

    return router


class _Session:
    """What one client says, and what is spoken of it: one text after the other."""

    def __init__(self, service: SpeechService, socket: WebSocket) -> None:
        self.service, self.socket = service, socket
        self.config = SessionConfig()
        self.speaking = anyio.Lock()
        self._pieces = TextPieces()
        self._text: _Text | None = None
        self._unfinished: list[_Text] = []
        self._handlers = {
            "session.config": self._configure,
            "input.text": self._add,
            "input.flush": self._flush,
            "input.cancel": self._cancel,
            "input.done": self._done,
        }

    async def serve(self) -> None:
        """Reads to the end; who leaves ends the work."""
        async with anyio.create_task_group() as self._tasks:
            with suppress(WebSocketDisconnect):
                await self._read()
            self._tasks.cancel_scope.cancel()

    async def send(self, message: Mapping[str, object]) -> None:
        await self.socket.send_text(json.dumps(message))

    async def refuse(self, error: Exception) -> int:
        """Tells what is wrong; gives its HTTP status."""
        if isinstance(error, InputError):
            error = in_openai_s_words(error)
        status, message = failure(error, secrets.token_hex(8))
        said = translate(message, requested_language(self.socket.headers))
        await self.send({"type": "error", "code": status, "message": said})
        return status

    async def _read(self) -> None:
        while True:
            waits = _MOMENT if self._pieces.has_rest else _IDLE_SECONDS
            received = None
            with anyio.move_on_after(waits):
                received = await self.socket.receive()
            if received is not None:
                await self._received(received)
            elif self._pieces.has_rest:
                await self._speak(self._pieces.wait())
            elif not self.speaking.locked():
                await self.socket.close(_GOING_AWAY)
                return

    async def _received(self, received: Mapping[str, Any]) -> None:
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        try:
            message = parsed_object(received.get("text") or "")
            handle = self._handlers.get(str(message.get("type")))
            if handle is None:
                raise InputError(
                    N_(
                        "type must be one of {known}, in a JSON object.",
                        known=", ".join(self._handlers),
                    )
                )
            await handle(message)
        except InputError as error:
            await self.refuse(error)

    async def _configure(self, message: _Message) -> None:
        if self._text is not None or self.speaking.locked():
            raise InputError(
                N_("session.config comes before a text. Please end that one first: input.done.")
            )
        settings = self.service.studio.settings
        asked = checked(SessionConfig, message, settings)
        config, warnings = await run_in_threadpool(understood, self.service, self.socket, asked)
        operation, fields = fields_of(config)
        checked(REQUESTS[operation], fields | {"text": "A word."}, settings)
        self.config = config
        for warning in warnings:
            said = translate(warning, requested_language(self.socket.headers))
            await self.send({"type": "warning", "message": said})

    async def _add(self, message: _Message) -> None:
        text = message.get("text")
        if not isinstance(text, str):
            raise InputError(N_("{name} is missing. Please give it.", name="text"))
        await self._speak(self._pieces.add(text))

    async def _flush(self, _: _Message) -> None:
        await self._speak(self._pieces.flush())

    async def _cancel(self, _: _Message) -> None:
        self._pieces.flush()
        self._text = None
        for text in [*self._unfinished]:  # also those to which no more is added
            text.scope.cancel()
            await text.ended.wait()
        await self.send({"type": "session.cancelled"})

    async def _done(self, _: _Message) -> None:
        await self._flush({})
        text, self._text = self._text or self._begin(), None
        text.end()

    async def _speak(self, pieces: list[str]) -> None:
        if pieces and self._text is None:
            self._text = self._begin()
        for piece in pieces:
            assert self._text is not None
            self._text.add(piece)

    def _begin(self) -> "_Text":
        text = _Text(self)
        self._unfinished.append(text)
        self._tasks.start_soon(self._spoken, text)
        return text

    async def _spoken(self, text: "_Text") -> None:
        await text.speak()
        self._unfinished.remove(text)


@dataclass
class _Counts:
    """What is told of a text in the end."""

    sentences: int = 0
    status: int = 200


class _Text:
    """One text: its pieces wait here until those before them are spoken.

    Attributes:
        scope: Cancelling it ends the work at the next patch.
        ended: Set once that has happened.
    """

    def __init__(self, session: _Session) -> None:
        self.scope = anyio.CancelScope()
        self.ended = anyio.Event()
        self._session, self._config = session, session.config
        self._operation, self._fields = fields_of(session.config)
        self._waiting, self._pieces = anyio.create_memory_object_stream[str](_MANY_PIECES)

    def add(self, piece: str) -> None:
        """Lets a piece be spoken."""
        with suppress(anyio.BrokenResourceError):  # after an error nothing more is spoken
            self._waiting.send_nowait(piece)

    def end(self) -> None:
        """Says that there is no more."""
        self._waiting.close()

    async def speak(self) -> None:
        """Speaks all pieces; after an error none."""
        started, counts = time.perf_counter(), _Counts(status=CLIENT_LEFT)
        try:
            with self.scope, suppress(WebSocketDisconnect):  # who reads hears of it, too
                async with self._session.speaking:
                    await self._spoken(counts)
        finally:
            self.end()
            self._pieces.close()
            self.ended.set()
            record("openai", self._operation, counts.status, started)

    async def _spoken(self, counts: _Counts) -> None:
        session = self._session
        with caught() as fault:
            service = session.service
            speech = service.incremental(session.socket, self._operation, self._fields)
            async for piece in self._pieces:
                events = service.speak_piece(session.socket, self._operation, speech, piece)
                async with aclosing(follow(session.socket, events)) as followed:
                    await self._send_audio(piece, followed, counts)
            counts.status = 200
        if isinstance(fault.error, WebSocketDisconnect):
            raise fault.error
        if fault.error:
            counts.status = await session.refuse(fault.error)
        await session.send({"type": "session.done", "total_sentences": counts.sentences})

    async def _send_audio(self, piece: str, followed: Any, counts: _Counts) -> None:
        session, config = self._session, self._config
        first = await anext(followed)
        encoder = StreamEncoder(
            FORMATS[config.response_format],
            first.sample_rate,
            session.service.studio.comment,
            out_rate=config.out_rate,
        )
        await session.send(
            {
                "type": "audio.start",
                "sentence_index": counts.sentences,
                "sentence_text": piece,
                "format": config.response_format,
                "sample_rate": encoder.sample_rate,
            }
        )
        held = await run_in_threadpool(encoder.encode, first.audio)
        total = 0
        async for progress in followed:
            assert isinstance(progress, Progress)
            held += await run_in_threadpool(encoder.encode, progress.audio)
            if held and config.flows:
                await session.socket.send_bytes(held)
                total, held = total + len(held), b""
        held += await run_in_threadpool(encoder.finish)
        if held:
            await session.socket.send_bytes(held)
        await session.send(
            {
                "type": "audio.done",
                "sentence_index": counts.sentences,
                "total_bytes": total + len(held),
                "error": False,
            }
        )
        counts.sentences += 1
