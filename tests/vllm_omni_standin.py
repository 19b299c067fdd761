"""Stands in for vLLM-Omni 0.30 with VoxCPM2, which needs a card: its speech API, kept strictly.

Fields, checks, errors and the stream are those of its `serving_speech.py` and its adapter for
VoxCPM2. Unlike it, this refuses fields that it does not know. What it speaks are tones that follow
from text, seed and clip.
"""

import asyncio
import base64
import contextlib
import io
import socket
import struct
import threading
import zlib
from typing import Literal

import numpy as np
import soundfile
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from voxcpm_space.text import estimate_seconds

RATE = 48_000
PATCH_SAMPLES = 7_680


class SpeechFields(BaseModel):
    """As `OpenAICreateSpeechRequest`, of which these are what VoxCPM2 makes use of."""

    model_config = ConfigDict(extra="forbid")

    input: str
    model: str | None = None
    voice: Literal["default"] | None = None
    response_format: Literal["wav", "pcm", "flac", "mp3", "opus"] = "wav"
    stream_format: Literal["sse", "audio"] | None = None
    stream: bool = False
    ref_audio: str | None = None
    ref_text: str | None = None
    max_new_tokens: int | None = Field(None, ge=1)
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)

    @model_validator(mode="after")
    def _can_be_streamed(self):
        if self.stream_format and self.response_format not in {"wav", "pcm"}:
            raise ValueError("Streaming requires response_format='pcm' or 'wav'.")
        return self

    def clip(self):
        if self.ref_audio is None:
            return None
        kind, _, data = self.ref_audio.partition(",")
        assert kind == "data:audio/wav;base64", "such is what this application sends"
        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data, validate=True)))
        if not 1 <= len(samples) / rate <= 30:
            raise ValueError("Reference audio too short or too long.")
        return samples

    def speech(self):
        """The samples that this request gives, as 16-bit numbers."""
        said = self.input.rpartition(")")[2] or self.input
        voice = repr((self.input, self.seed, self.ref_audio, self.ref_text)).encode()
        samples = PATCH_SAMPLES * max(2, round(estimate_seconds(said) * RATE / PATCH_SAMPLES))
        hz = 100 + zlib.crc32(voice) % 200
        return (8000 * np.sin(np.arange(samples) * hz * 2 * np.pi / RATE)).astype("<i2")


class VLLMOmniStandIn:
    """A server on loopback.

    Attributes:
        url: Where it is.
        asked: What it was asked to speak, in order.
        at_once: How many of these it worked at together at most.
        left: How many were left by who asked.
        model: What it calls its model.
        behave: Called with the number of the patch, from 0, before it is sent; async.
        refuse: Status with which it refuses to speak; 0 for none.
        is_well: What /health says.
    """

    def __init__(self, key: str = "") -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked: list[SpeechFields] = []
        self.running = self.at_once = self.left = self.refuse = 0
        self.model, self.is_well, self.rate = "openbmb/VoxCPM2", True, RATE
        self.key = key
        self.behave = _at_once
        self.start()

    def start(self) -> None:
        config = uvicorn.Config(
            self._app(), port=self.port, log_config=None, ws="none", lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            self._thread.join(0.01)

    def _run(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve()

        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(serve())

    def stop(self) -> None:
        """Ends as a killed process does: what is open is cut."""
        self._server.should_exit = self._server.force_exit = True
        for connection in list(self._server.server_state.connections):
            self._loop.call_soon_threadsafe(connection.transport.abort)
        self._thread.join()

    def _app(self) -> FastAPI:
        app = FastAPI()
        app.exception_handler(RequestValidationError)(_invalid)
        app.get("/health")(self._health)
        guarded = {"dependencies": [Depends(self._check_key)]}
        app.get("/v1/models", **guarded)(self._models)
        app.post("/v1/audio/speech", **guarded)(self._speak)
        return app

    async def _check_key(self, authorization: str = Header("")):
        if self.key and authorization != f"Bearer {self.key}":
            raise HTTPException(401)

    async def _models(self):
        return {"object": "list", "data": [{"id": self.model, "object": "model"}]}

    async def _health(self):
        if self.is_well:
            return {"status": "healthy"}
        return JSONResponse({"status": "unhealthy"}, 503)

    async def _speak(self, fields: SpeechFields):
        self.asked.append(fields)
        if self.refuse:
            return _error("InternalServerError", f"No: {fields.input}", self.refuse)
        try:
            fields.clip()
        except ValueError as error:
            return _error("BadRequestError", str(error), 400)
        assert fields.stream_format == "audio", "stream=true alone gives events"
        return StreamingResponse(self._stream(fields), media_type="audio/wav")

    async def _stream(self, fields):
        self.running += 1
        self.at_once = max(self.at_once, self.running)
        try:
            for number, patch in enumerate(np.split(fields.speech(), _patches(fields))):
                await self.behave(number)
                if not number and fields.response_format == "wav":
                    yield _header(self.rate)
                yield patch.tobytes()
        except (asyncio.CancelledError, GeneratorExit):
            self.left += 1
            raise
        finally:
            self.running -= 1


def _patches(fields):
    return len(fields.speech()) // PATCH_SAMPLES


async def _at_once(_):
    await asyncio.sleep(0)


async def _invalid(_, error):
    return _error("BadRequestError", str(error), 400)


def _error(kind, message, status):
    error = {"message": message, "type": kind, "param": None, "code": status}
    return JSONResponse({"error": error}, status)


def _header(rate):
    unknown = 0xFFFFFFFF
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", unknown, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", unknown),
    )
