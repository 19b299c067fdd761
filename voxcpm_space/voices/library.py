"""Voices that can be named: a caller's own, those in the operator's folder, and the examples."""

import logging
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.messages import N_
from voxcpm_space.reference import Source, local_file
from voxcpm_space.settings import Settings
from voxcpm_space.text import MAX_TRANSCRIPT_LENGTH, name_key, validate_line
from voxcpm_space.voices.uploads import UploadedVoice, VoiceUpload, VoiceUploads

logger = logging.getLogger(__name__)

NO_VOICE = "default"
"""What programs call it where no voice is asked for; so no voice has this name."""

_KEPT = ".safetensors"
_CLIPS = {
    *(".aac", ".aif", ".aiff", ".amr", ".flac", ".m4a", ".mka", ".mkv", ".mov", ".mp3", ".mp4"),
    *(".oga", ".ogg", ".opus", ".wav", ".wave", ".weba", ".webm"),
}
_TRANSCRIPT = ".txt"
_MAX_TRANSCRIPT_BYTES = 4 * MAX_TRANSCRIPT_LENGTH
_MAX_FILE_NAME = 255
"""Characters, which no disk's limit is above."""
_MOST_LISTED = 50
_NOT_IN_NAMES = frozenset("/\\:")
"""A name that is no name of a file could be a path or a URL."""


@dataclass(frozen=True)
class NamedVoice:
    """A voice that can be named.

    Attributes:
        name: As it is listed; small and capital letters make no other name.
        path: A clip, or a kept voice.
        upload: What is known of it, where somebody has uploaded it.
        is_example: Whether its name is one that a reference clip can have, too.
    """

    name: str
    path: Path
    upload: UploadedVoice | None = None
    is_example: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether it is a kept voice and no clip."""
        return self.path.suffix.lower() == _KEPT

    def source(self) -> Source:
        """Gives its file.

        Raises:
            InputError: It was deleted a moment ago.
        """
        try:
            return local_file(self.path)
        except OSError as error:
            raise InputError(
                N_("The voice {name} is not there any more. Please choose another.", name=self.name)
            ) from error

    def transcript(self) -> str:
        """Reads what is said in the clip; empty where nobody has written that down.

        Raises:
            InputError: The file beside the clip cannot be used.
        """
        if self.upload:
            return self.upload.ref_text
        file = self.path.with_suffix(_TRANSCRIPT)
        if not _is_inside(file, self.path.parent):
            return ""
        try:
            with file.open("rb") as opened:
                text = opened.read(_MAX_TRANSCRIPT_BYTES + 1).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                N_(
                    "The transcript of the voice {name} cannot be read as UTF-8. Please tell "
                    "whoever runs this server, or choose another voice.",
                    name=self.name,
                )
            ) from error
        return validate_line(text, N_("transcript of the voice"), MAX_TRANSCRIPT_LENGTH)


class VoiceLibrary:
    """Finds voices by name."""

    def __init__(self, settings: Settings) -> None:
        """Reads nothing yet: files that come later are found, too.

        Args:
            settings: Give the folder, and how many voices may be uploaded into it.
        """
        self._folder = settings.voices
        self._uploads = VoiceUploads(settings.voices, settings.max_voices)

    def find(self, name: str, owner: str = "") -> NamedVoice | None:
        """Gives the voice of a name: of the caller, else of the operator, else an example.

        Args:
            name: As somebody wrote it.
            owner: The account that asks; empty on an open server.
        """
        key = voice_key(name)
        return next((voice for voice in self._all(owner) if voice_key(voice.name) == key), None)

    def voices(self, owner: str = "") -> list[NamedVoice]:
        """Lists all that `find` gives, each once, a caller's own first."""
        by_key: dict[str, NamedVoice] = {}
        for voice in self._all(owner):
            by_key.setdefault(voice_key(voice.name), voice)
        return list(by_key.values())

    def get(self, name: str, owner: str = "") -> NamedVoice:
        """Gives the voice of a name.

        Raises:
            InputError: There is none; says which there are.
        """
        name = validate_line(name, N_("name of the voice"), _MAX_FILE_NAME)
        if voice := self.find(name, owner):
            return voice
        names = [voice.name for voice in self.voices(owner)]
        listed = ", ".join(names[:_MOST_LISTED]) + (", ..." if names[_MOST_LISTED:] else "")
        raise InputError(
            N_(
                "There is no voice of the name {name}. There are: {names}.", name=name, names=listed
            ),
            "voice",
        )

    def add(self, upload: VoiceUpload, clip: bytes, media_type: str, owner: str) -> UploadedVoice:
        """Stores a voice for its owner.

        Args:
            upload: What was said of it.
            clip: The clip, which was found to be usable.
            media_type: What the client calls its format.
            owner: The account that it belongs to; empty on an open server.

        Raises:
            InputError: The name is taken or no name for a voice, or there are too many.
            StorageError: It cannot be stored; no part of it is left.
        """
        if voice_key(upload.name) == NO_VOICE or not may_be_name(upload.name):
            raise InputError(
                N_(
                    "A voice cannot have the name {name}. Please give it one without / \\ and :, "
                    "and another than {no_voice}.",
                    name=ascii(upload.name),
                    no_voice=NO_VOICE,
                )
            )
        if self.find(upload.name, owner):
            raise InputError(
                N_(
                    "There is a voice of the name {name} already. Please delete it first if it is "
                    "yours, or choose another name.",
                    name=upload.name,
                )
            )
        return self._uploads.add(voice_key(upload.name), upload, clip, media_type, owner)

    def delete(self, name: str, owner: str) -> None:
        """Deletes a voice that its owner has uploaded.

        Raises:
            NotFoundError: The owner has none of that name.
            StorageError: It cannot be deleted.
        """
        self._uploads.delete(voice_key(name), name, owner)

    def _all(self, owner: str) -> Iterator[NamedVoice]:
        for upload, clip in self._uploads.all(owner):
            yield NamedVoice(upload.name, clip, upload)
        if self._folder:
            yield from _in_folder(self._folder)
        for example in clips():
            yield NamedVoice(example.voice, example.path, is_example=True)


def voice_key(name: str) -> str:
    """Gives what all ways to write a name have in common."""
    return name_key(unicodedata.normalize("NFC", name))


def may_be_name(name: str) -> bool:
    """Whether it is a name, and no path or URL."""
    return bool(name.strip()) and not _NOT_IN_NAMES.intersection(name)


def _in_folder(folder: Path) -> Iterator[NamedVoice]:
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        logger.error("The folder of voices cannot be read: %s", error)  # noqa: TRY400
        return
    for file in filter(partial(_is_voice, folder), files):
        name = unicodedata.normalize("NFC", file.stem)
        if voice_key(name) != NO_VOICE and may_be_name(name):
            yield NamedVoice(name, file)


def _is_voice(folder: Path, file: Path) -> bool:
    is_one = file.suffix.lower() in _CLIPS | {_KEPT} and not file.name.startswith(".")
    return is_one and _is_inside(file, folder)


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether it is a file that also lies there once links are followed; not a pipe or device."""
    try:
        return file.is_file() and file.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links that lead in a circle
        return False
