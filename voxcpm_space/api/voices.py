"""Voices that are uploaded and deleted, in the shapes of vLLM-Omni and of OpenAI's API."""

import hashlib
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from voxcpm_space.api.http import OPENAI_PREFIX, answered
from voxcpm_space.api.openapi import OpenAIRefusal, answers
from voxcpm_space.api.result_facts import result_headers
from voxcpm_space.api.service import SpeechService
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.reference import Source
from voxcpm_space.voices import MAX_UPLOAD_BYTES, NO_VOICE, UploadedVoice, VoiceUpload

_MAX_FIELDS = 16
_MAX_FIELD_BYTES = 16 * 2**10
_MAX_BODY_BYTES = MAX_UPLOAD_BYTES + _MAX_FIELDS * _MAX_FIELD_BYTES
_TOO_LARGE = N_(
    "The file is larger than {size} MB. Please use a shorter or compressed one.",
    size=MAX_UPLOAD_BYTES // 2**20,
)
_NO_FORM = N_(
    "The body must be multipart/form-data with the file audio_sample and the fields name and "
    "consent."
)


class VoiceFacts(BaseModel):
    """What vLLM-Omni tells of an uploaded voice."""

    name: str
    consent: str = Field(description="As it was given with the upload.")
    created_at: int = Field(description="Seconds since 1970.")
    mime_type: str
    file_size: int = Field(description="Of the clip, in bytes.")
    ref_text: str | None = Field(None, description="What is said in the clip, where it was given.")
    speaker_description: str | None = None


class VoiceCreated(BaseModel):
    """The answer to an upload: vLLM-Omni's, and beside it OpenAI's."""

    success: Literal[True] = True
    voice: VoiceFacts
    id: str = Field(description="What `voice` names it by: its name.")
    object: Literal["audio.voice"] = "audio.voice"
    name: str
    created_at: int


class VoiceDeleted(BaseModel):
    """The answer to a deletion: vLLM-Omni's, and beside it OpenAI's."""

    success: Literal[True] = True
    message: str
    id: str
    object: Literal["audio.voice.deleted"] = "audio.voice.deleted"
    deleted: Literal[True] = True


def voices_router(service: SpeechService) -> APIRouter:
    """Gives the routes below /v1/audio/voices."""
    router = APIRouter(prefix=f"{OPENAI_PREFIX}/audio/voices", tags=["OpenAI"])

    @router.get("")
    def voices(request: Request) -> dict[str, object]:
        """Lists the voices, each with the id that names it; more of those that were uploaded."""
        named = service.voices(request)
        uploaded = [voice_facts(voice.upload) for voice in named if voice.upload]
        names = [NO_VOICE, *(voice.name for voice in named)]
        voices = [{"id": name, "name": name} for name in names]
        return {"voices": voices, "uploaded_voices": uploaded}

    @router.post(
        "",
        responses=answers({"model": VoiceCreated}, OpenAIRefusal),
        openapi_extra={"requestBody": {"required": True, "content": _form_schema()}},
    )
    async def add_voice(request: Request) -> JSONResponse:
        """Stores a clip whose voice `voice` can name from then on."""
        return await answered("openai", "voices", request, partial(_add, service, request))  # type: ignore[return-value]

    @router.delete(
        "/{name:path}",
        responses=answers({"model": VoiceDeleted}, OpenAIRefusal)
        | {404: {"model": OpenAIRefusal, "description": "whoever asks has no voice of that name"}},
    )
    async def delete_voice(request: Request, name: str) -> JSONResponse:
        """Deletes a voice that was uploaded by whoever asks."""
        respond = partial(_delete, service, request, name)
        return await answered("openai", "voices", request, respond)  # type: ignore[return-value]

    return router


def voice_facts(voice: UploadedVoice) -> dict[str, Any]:
    """Tells of an uploaded voice as vLLM-Omni does: what was not given is left out."""
    facts = voice.model_dump(include=set(VoiceFacts.model_fields))
    return {name: fact for name, fact in facts.items() if fact != ""}


async def _add(service: SpeechService, request: Request) -> JSONResponse:
    form = await _form(request)
    try:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        sample = form.get("audio_sample")
        if not isinstance(sample, UploadFile):
            raise InputError(N_("audio_sample is missing. Please send the clip as a file."))
        content, media_type = await sample.read(), sample.content_type or ""
    finally:
        await form.close()
    if len(content) > MAX_UPLOAD_BYTES:
        raise InputError(_TOO_LARGE)
    clip = Source(hashlib.sha256(content).digest(), lambda: content)
    voice, reference = await run_in_threadpool(
        service.add_voice, request, fields, clip, media_type or "application/octet-stream"
    )
    created = VoiceCreated(
        voice=VoiceFacts.model_validate(voice_facts(voice)),
        id=voice.name,
        name=voice.name,
        created_at=voice.created_at,
    )
    return JSONResponse(created.model_dump(exclude_none=True), headers=result_headers(reference))


async def _delete(service: SpeechService, request: Request, name: str) -> JSONResponse:
    await run_in_threadpool(service.delete_voice, request, name)
    deleted = VoiceDeleted(message=f"Voice {name!r} deleted successfully", id=name)
    return JSONResponse(deleted.model_dump())


async def _form(request: Request) -> FormData:
    """Reads a form of at most 10 MB; parts that are files wait in a file without a name.

    Raises:
        InputError: It is none, or too large.
    """
    if not request.headers.get("Content-Type", "").lower().startswith("multipart/form-data"):
        raise InputError(_NO_FORM)
    parser = MultiPartParser(
        request.headers,
        _limited(request),
        max_files=1,
        max_fields=_MAX_FIELDS,
        max_part_size=_MAX_FIELD_BYTES,
    )
    try:
        return await parser.parse()
    except _TooLargeError as error:
        raise InputError(_TOO_LARGE) from error
    except MultiPartException as error:
        raise InputError(_NO_FORM) from error


class _TooLargeError(MultiPartException):
    """Such an exception lets the parser close its files."""


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > _MAX_BODY_BYTES:
            raise _TooLargeError(_TOO_LARGE)
        yield chunk


def _form_schema() -> dict[str, Any]:
    fields = VoiceUpload.model_json_schema()
    fields["properties"]["audio_sample"] = {
        "type": "string",
        "format": "binary",
        "description": f"The clip, up to {MAX_UPLOAD_BYTES // 2**20} MB.",
    }
    fields["required"] = ["audio_sample", *fields["required"]]
    return {"multipart/form-data": {"schema": fields}}
