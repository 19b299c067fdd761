"""The route at which the page and gradio_client upload files, in place of Gradio's own."""

import logging
import tempfile
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from voxcpm_space.api.access.upload_limit import Upload
from voxcpm_space.api.service import SpeechService
from voxcpm_space.compat.gradio import API_PREFIX, receive_upload, upload_folder
from voxcpm_space.errors import ClientLeftError, InputError, SpaceError, StorageError
from voxcpm_space.kept_files import KeptFiles
from voxcpm_space.messages import N_, requested_language, translate
from voxcpm_space.reference.fetch import MAX_BYTES, too_large

logger = logging.getLogger(__name__)


def uploads_router(service: SpeechService, kept: KeptFiles) -> APIRouter:
    """Gives the route; it answers as Gradio's does, with the paths of the files."""
    router = APIRouter(include_in_schema=False)

    @router.post(f"{API_PREFIX}/upload")
    async def upload(request: Request, upload_id: str | None = None) -> Response:
        try:
            stored = await _stored(request, upload_id, service, kept)
        except SpaceError as error:  # as text, which Gradio's clients show
            sentence = translate(error.message, requested_language(request.headers))
            return PlainTextResponse(sentence, error.status, headers=error.headers)
        return JSONResponse([str(path) for path in stored])

    return router


async def _stored(
    request: Request, upload_id: str | None, service: SpeechService, kept: KeptFiles
) -> list[Path]:
    """Stores an upload; no part of one that fails is left.

    Raises:
        UnknownCallerError: Nobody knows who uploads.
        InputError: It is no upload, or a file is too large.
        BusyError: These are too many or too large in all.
        StorageError: It cannot be stored.
    """
    upload = service.admit_upload(request)
    counted = Request(request.scope, _counting(request.receive, upload))
    try:
        kept.restore()
        with tempfile.TemporaryDirectory(dir=upload_folder(), prefix=".upload-") as folder:
            arrived = await receive_upload(counted, Path(folder), MAX_BYTES, upload_id)
            upload.count_files(len(arrived))
            stored = [_moved(*file) for file in arrived]
        await run_in_threadpool(kept.make_room)
    except ClientDisconnect as error:
        raise ClientLeftError(N_("The client left.")) from error
    except OverflowError as error:
        raise too_large() from error
    except ValueError as error:
        raise InputError(N_("This is no upload: send files as multipart/form-data.")) from error
    except OSError as error:
        logger.error("An upload cannot be stored: %s", error)  # noqa: TRY400
        raise StorageError from error
    return stored


def _moved(path: Path, digest: str, name: str) -> Path:
    """Moves a file to where it stays: below the hash of its content, as Gradio has it."""
    place = upload_folder() / digest / name
    place.parent.mkdir(parents=True, exist_ok=True)
    return path.replace(place)


def _counting(receive: Receive, upload: Upload) -> Receive:
    async def counting() -> Message:
        message = await receive()
        upload.count_bytes(len(message.get("body", b"")))
        return message

    return counting
