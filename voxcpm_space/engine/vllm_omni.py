"""The speech API of vLLM-Omni 0.30, as VoxCPM2 is served by it.

It computes with VoxCPM2's default CFG scale and DiT steps, whatever a request says, and keeps
latents to itself: a voice goes there as a clip.
"""

import base64
import io
import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

import httpx
import numpy as np
import soundfile

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.engine.request import GenerationRequest
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_

SAMPLE_RATE = 48_000
"""Of VoxCPM2's AudioVAE, in Hz."""
MAX_CLIP_SECONDS = 30
"""It refuses longer clips, and those of less than a second."""

_MIN_CLIP_SAMPLES = ENCODER_SAMPLE_RATE
_CONNECT_SECONDS = 5.0
_REFUSED_REQUEST = {400, 413, 422}
_WAV_HEADER = struct.Struct("<4s4x4s4sIHHI6xH4s4x")
"""RIFF, WAVE, fmt, its size, format, channels, rate, bits, data; a stream does not tell sizes."""
_PCM = (b"RIFF", b"WAVE", b"fmt ", 16, 1, 1, SAMPLE_RATE, 16, b"data")
_FULL_SCALE = np.float32(2**15)


class ServerError(Exception):
    """A server did not do what another one may do; the message is for the log.

    Attributes:
        silent: Whether it gave no answer, or none any more.
        heard: Whether there was audio before.
    """

    def __init__(self, message: str, *, silent: bool = False, heard: bool = False) -> None:
        """Says what it did."""
        self.silent, self.heard = silent, heard
        super().__init__(message)


class VLLMOmniServer:
    """One server.

    Attributes:
        url: Where it is, without `/v1`.
    """

    def __init__(self, url: str, key: str, stall_seconds: float) -> None:
        """Prepares; nothing is sent yet.

        Args:
            url: As one of `VOXCPM_ENGINE_URL`.
            key: That it was started with; empty where it asks for none.
            stall_seconds: How long a silence means that it hangs.
        """
        self.url = url.rstrip("/")
        self._client = httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(stall_seconds, connect=min(_CONNECT_SECONDS, stall_seconds)),
            # As many as there are streams; what was idle may have ended with its server.
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
        )

    async def model(self) -> str:
        """Gives the name of the model that it serves.

        Raises:
            ServerError: It cannot be reached, is ill, or serves no model.
        """
        try:
            health = await self._client.get("/health", timeout=_CONNECT_SECONDS)
            models = await self._client.get("/v1/models", timeout=_CONNECT_SECONDS)
        except httpx.HTTPError as error:
            raise _lost(error) from error
        for answer in (health, models):
            if not answer.is_success:
                raise ServerError(f"{answer.request.url.path} answers {answer.status_code}")
        try:
            return str(models.json()["data"][0]["id"])
        except (ValueError, LookupError, TypeError) as error:
            raise ServerError("/v1/models names no model") from error

    async def stream(self, request: GenerationRequest) -> AsyncGenerator[Waveform, None]:
        """Generates; closing the iterator closes the connection, which ends the work there.

        Yields:
            Mono samples as they come, shape (samples,).

        Raises:
            InputError: Text and clip leave the model no room to answer.
            ServerError: All else that went wrong, also in the middle.
        """
        heard = False
        try:
            async with self._client.stream(
                "POST", "/v1/audio/speech", json=speech_fields(request)
            ) as answer:
                if not answer.is_success:
                    raise await _refusal(answer)
                async for samples in _samples(answer.aiter_bytes()):
                    heard = True
                    yield samples
        except httpx.HTTPError as error:
            raise _lost(error, heard=heard) from error
        if not heard:
            raise ServerError("The stream ends without audio")


def speech_fields(request: GenerationRequest) -> dict[str, object]:
    """Gives a request as the server takes it."""
    fields: dict[str, object] = {
        "input": request.text,
        "seed": request.seed,
        "response_format": "wav",
        "stream": True,
        "stream_format": "audio",  # `stream` alone means events with base64 in them
    }
    if request.reference is not None:
        fields["ref_audio"] = _data_url(request.reference)
    if request.transcript:
        fields["ref_text"] = request.transcript  # it then continues the clip
    return fields


def _data_url(clip: Waveform) -> str:
    missing = max(0, _MIN_CLIP_SAMPLES - len(clip))
    file = io.BytesIO()
    soundfile.write(file, np.pad(clip, (0, missing)), ENCODER_SAMPLE_RATE, format="WAV")
    return f"data:audio/wav;base64,{base64.b64encode(file.getvalue()).decode()}"


async def _refusal(answer: httpx.Response) -> Exception:
    """Tells what an answer means; its own words can quote the text, which no log may hold."""
    kind = ""
    with suppress(ValueError, LookupError, TypeError):
        kind = f" ({json.loads(await answer.aread())['error']['type']})"
    if answer.status_code in _REFUSED_REQUEST:
        return InputError(
            N_(
                "The model's server does not take this text with this voice: together they may "
                "be too long for it. Please shorten the text or the clip."
            )
        )
    return ServerError(f"/v1/audio/speech answers {answer.status_code}{kind}")


async def _samples(chunks: AsyncIterator[bytes]) -> AsyncGenerator[Waveform, None]:
    """Reads a stream of WAV.

    Raises:
        ServerError: It is not VoxCPM2's.
    """
    left, has_header = b"", False
    async for chunk in chunks:
        left += chunk
        if not has_header:
            if len(left) < _WAV_HEADER.size:
                continue
            _check_header(left)
            left, has_header = left[_WAV_HEADER.size :], True
        whole = len(left) // 2 * 2
        if whole:
            yield np.frombuffer(left[:whole], "<i2").astype(np.float32) / _FULL_SCALE
        left = left[whole:]


def _check_header(data: bytes) -> None:
    header = _WAV_HEADER.unpack_from(data)
    if header != _PCM:
        raise ServerError(f"The audio is not 16-bit mono at {SAMPLE_RATE} Hz: {header}")


def _lost(error: httpx.HTTPError, *, heard: bool = False) -> ServerError:
    silent = isinstance(error, httpx.ReadTimeout)
    return ServerError(type(error).__name__, silent=silent, heard=heard)
