"""Voices that were uploaded: a folder for each owner, in it one for each voice.

A voice is there wholly or not at all: its folder gets its name when all is written. No name that
comes from outside becomes part of a path; they are hashed.
"""

import hashlib
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from voxcpm_space.errors import ForbiddenError, InputError, NotFoundError, StorageError
from voxcpm_space.messages import N_, ngettext
from voxcpm_space.text import MAX_TRANSCRIPT_LENGTH, validate_line
from voxcpm_space.voices.file import MAX_CONSENT_LENGTH, MAX_NAME_LENGTH

logger = logging.getLogger(__name__)

MAX_UPLOAD_BYTES = 10 * 2**20
"""Of a clip, as in vLLM-Omni and OpenAI's API."""

_FOLDER = "uploaded"
_CLIP, _FACTS = "clip", "voice.json"
_MAX_SPEAKER_DESCRIPTION_LENGTH = 500
_MAX_MEDIA_TYPE_LENGTH = 100
_REFUSED_CONSENT = {"false", "no", "none", "null", "0"}


class VoiceUpload(BaseModel):
    """What is said of a voice when it is uploaded: vLLM-Omni's fields, and others are no matter."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    consent: str
    ref_text: str = ""
    speaker_description: str = ""

    @field_validator("name")
    @classmethod
    def _clean_name(cls, name: str) -> str:
        cleaned = validate_line(name, N_("name of the voice"), MAX_NAME_LENGTH)
        if cleaned:
            return cleaned
        raise InputError(N_("The name of the voice is empty. Please give it one."))

    @field_validator("consent")
    @classmethod
    def _clean_consent(cls, consent: str) -> str:
        cleaned = validate_line(consent, N_("consent of the voice"), MAX_CONSENT_LENGTH)
        if cleaned and cleaned.lower() not in _REFUSED_CONSENT:
            return cleaned
        raise InputError(
            N_(
                "consent must say that the speaker agrees, such as the id of a recording of that. "
                "Without it no voice is stored."
            )
        )

    @field_validator("ref_text")
    @classmethod
    def _clean_transcript(cls, transcript: str) -> str:
        return validate_line(transcript, N_("transcript (ref_text)"), MAX_TRANSCRIPT_LENGTH)

    @field_validator("speaker_description")
    @classmethod
    def _clean_description(cls, description: str) -> str:
        name = N_("description of the voice")
        return validate_line(description, name, _MAX_SPEAKER_DESCRIPTION_LENGTH)


class UploadedVoice(VoiceUpload):
    """What is known of a stored voice.

    Attributes:
        created_at: Seconds since 1970.
        mime_type: What the client calls the clip's format.
        file_size: Of the clip, in bytes.
        owner: The account that has uploaded it; empty on an open server.
    """

    created_at: int
    mime_type: str
    file_size: int
    owner: str


class VoiceUploads:
    """Stores voices for their owners, who see no others."""

    def __init__(self, folder: Path | None, most: int) -> None:
        """Reads nothing yet.

        Args:
            folder: Where they are stored, in a folder of their own; None for nowhere.
            most: How many voices an owner may have.
        """
        self._folder = folder / _FOLDER if folder else None
        self._most = most
        self._adding = threading.Lock()

    def all(self, owner: str) -> Iterator[tuple[UploadedVoice, Path]]:
        """Gives the owner's voices and their clips, by the time of their upload."""
        if self._folder is None:
            return
        found = [_read(file.parent) for file in self._of(owner).glob(f"[!.]*/{_FACTS}")]
        voices = [voice for voice in found if voice is not None]
        yield from sorted(voices, key=lambda voice: (voice[0].created_at, voice[0].name))

    def add(
        self, key: str, upload: VoiceUpload, clip: bytes, media_type: str, owner: str
    ) -> UploadedVoice:
        """Stores a voice.

        Args:
            key: What all ways to write its name have in common.
            upload: What was said of it.
            clip: The clip.
            media_type: What the client calls its format.
            owner: Whose it is.

        Raises:
            ForbiddenError: There is no folder for it.
            InputError: There are too many.
            StorageError: It cannot be stored; no part of it is left.
        """
        if self._folder is None:
            raise ForbiddenError(
                N_(
                    "No voices can be uploaded to this server: it has no folder for them. Whoever "
                    "runs it can name one in VOXCPM_VOICES."
                )
            )
        voice = UploadedVoice(
            **upload.model_dump(),
            created_at=int(time.time()),
            mime_type=validate_line(media_type, N_("media type"), _MAX_MEDIA_TYPE_LENGTH),
            file_size=len(clip),
            owner=owner,
        )
        with self._adding:
            self._refuse_more(owner)
            try:
                _store(self._of(owner), _hash(key), voice, clip)
            except OSError as error:
                logger.error("A voice cannot be stored: %s", error)  # noqa: TRY400
                raise StorageError from error
        return voice

    def delete(self, key: str, name: str, owner: str) -> None:
        """Deletes a voice.

        Args:
            key: What all ways to write its name have in common.
            name: As it was asked for.
            owner: Whose it is.

        Raises:
            NotFoundError: The owner has none of that name.
            StorageError: It cannot be deleted.
        """
        voice = self._of(owner) / _hash(key) if self._folder else None
        if voice is None or not voice.is_dir():
            raise NotFoundError(
                N_("You have uploaded no voice of the name {name}.", name=ascii(name))
            )
        try:
            (voice / _FACTS).unlink(missing_ok=True)  # from now on it is not there
            shutil.rmtree(voice)
        except OSError as error:
            logger.error("A voice cannot be deleted: %s", error)  # noqa: TRY400
            raise StorageError from error

    def _refuse_more(self, owner: str) -> None:
        count = sum(1 for _ in self.all(owner))
        if count >= self._most:
            raise InputError(
                ngettext(
                    "You have {count} voice, and may have no more. Please delete it first.",
                    "You have {count} voices, and may have no more. Please delete one first.",
                    count,
                )
            )

    def _of(self, owner: str) -> Path:
        assert self._folder is not None
        # Names of accounts can be .. and differ by capital letters alone.
        return self._folder / f"{owner.lower() or 'everyone'}-{_hash(owner)}"


def _store(folder: Path, name: str, voice: UploadedVoice, clip: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        (new / _CLIP).write_bytes(clip)
        (new / _FACTS).write_text(voice.model_dump_json(indent=1), "utf-8")
        new.rename(folder / name)
    finally:
        shutil.rmtree(new, ignore_errors=True)  # there only where it did not get there


def _read(folder: Path) -> tuple[UploadedVoice, Path] | None:
    try:
        voice = UploadedVoice.model_validate_json((folder / _FACTS).read_text("utf-8"))
    except FileNotFoundError:  # deleted at this moment
        return None
    except (OSError, ValidationError, InputError, UnicodeDecodeError) as error:
        logger.error("The voice in %s cannot be used: %s", folder, error)  # noqa: TRY400
        return None
    return voice, folder / _CLIP


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:24]
