"""Made audio: encoded, tagged, stored under names that cannot be guessed, and expired."""

import errno
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.compat.gradio import upload_folder
from voxcpm_space.errors import InputError, StorageError
from voxcpm_space.messages import N_

logger = logging.getLogger(__name__)

_MIN_FREE_BYTES = 32 * 2**20
"""Bytes that must be free, 5 minutes of speech; what does not fit is refused when it is stored."""


class Outputs:
    """The folder of made audio files.

    Attributes:
        files: Paths of all that this process made; Gradio deletes them by age and at shutdown.
    """

    def __init__(self, keep_seconds: int, make_room: Callable[[], None] = lambda: None) -> None:
        """Opens the folder.

        Args:
            keep_seconds: Age at which a file is deleted.
            make_room: Called when a file was stored, to delete others where there are too many.
        """
        # Inside Gradio's own folder its file route serves them, behind its login if there is one.
        self._folder = upload_folder() / "speech"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._make_room = make_room
        self.keep_seconds = keep_seconds
        self.files: set[str] = set()

    def check_disk_space(self) -> None:
        """Returns if the folder takes files.

        Raises:
            StorageError: It does not, or its disk is nearly full.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)  # it may have been deleted
            tempfile.TemporaryFile(dir=self._folder).close()
            if shutil.disk_usage(self._folder).free >= _MIN_FREE_BYTES:
                return
            reason = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._folder))
        except OSError as error:
            reason = error
        raise _not_stored(reason)

    def save(self, chunks: Sequence[Waveform], sample_rate: int, comment: str) -> Path:
        """Stores a speech as 16-bit WAV.

        Args:
            chunks: Mono samples, each of shape (samples,); louder than full scale is turned down.
            sample_rate: In Hz.
            comment: Goes into the file's comment tag.

        Returns:
            Where it is.

        Raises:
            StorageError: It cannot be stored; no part of it is left.
        """
        loudest = max(1.0, *(float(np.abs(chunk).max(initial=0.0)) for chunk in chunks))
        with (
            self.new_file(".wav") as path,
            soundfile.SoundFile(path, "w", sample_rate, 1, "PCM_16", format="WAV") as file,
        ):
            file.comment = comment
            for chunk in chunks:
                file.write(chunk / loudest)
        return path

    @contextmanager
    def new_file(self, suffix: str) -> Iterator[Path]:
        """Gives the path of a file to write; one that is not finished is deleted.

        Args:
            suffix: Of its name, with the dot.

        Raises:
            StorageError: It cannot be stored.
        """
        with self._whole_file(suffix) as path:
            yield path
        self.files.add(str(path))
        self._make_room()

    def discard(self, path: Path) -> None:
        """Deletes a file before its time."""
        path.unlink(missing_ok=True)
        self.files.discard(str(path))

    def find(self, name: str) -> Path | None:
        """Gives the stored file of that name, which may be anything; None where there is none."""
        path = self._folder / name
        try:
            return path if path.parent == self._folder and path.is_file() else None
        except OSError:  # too long for a name
            return None

    def open(self, speech: Path) -> soundfile.SoundFile:
        """Opens a stored speech.

        Raises:
            InputError: It has expired.
        """
        try:
            return soundfile.SoundFile(speech)
        except soundfile.LibsndfileError as error:
            raise self.expired() from error

    def store_beside(self, speech: Path, suffix: str, write: Callable[[BinaryIO], None]) -> Path:
        """Stores what is made of a stored speech under its name, to expire with it.

        Args:
            speech: As `save` gave it.
            suffix: Tells what is made of it, with a dot; what is there already is not made again.
            write: Makes it.

        Returns:
            Where it is.

        Raises:
            InputError: The speech has expired.
            StorageError: It cannot be stored; no part of it is left.
        """
        path = speech.with_suffix(suffix)
        if path.exists():
            return path
        try:
            made = speech.stat().st_mtime
        except FileNotFoundError as error:
            raise self.expired() from error
        with self._whole_file(".part") as part:
            with part.open("wb") as file:
                write(file)
            os.utime(part, (made, made))
            part.replace(path)
        self.files.add(str(path))
        self._make_room()
        return path

    @contextmanager
    def _whole_file(self, suffix: str) -> Iterator[Path]:
        """Gives a path in the folder; what is there is deleted where it does not get whole."""
        path = self._folder / f"{secrets.token_urlsafe(16)}{suffix}"
        is_whole = False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            yield path
            is_whole = True
        except (OSError, soundfile.LibsndfileError) as error:
            raise _not_stored(error) from error
        finally:
            if not is_whole:
                path.unlink(missing_ok=True)

    def expired(self) -> InputError:
        """What is said of a speech that is not there any more."""
        return InputError(
            N_(
                "This speech is gone: files are kept for {minutes:.0f} minutes. "
                "Please generate it again.",
                minutes=self.keep_seconds / 60,
            )
        )


def read_chunks(file: soundfile.SoundFile) -> Iterator[Waveform]:
    """Reads a stored speech by the second; saved again the samples make the same file."""
    blocks: Iterator[Waveform] = file.blocks(file.samplerate, dtype="float32")
    return blocks


def for_the_encoder(file: soundfile.SoundFile) -> Waveform:
    """Reads a stored speech at 16 kHz, as clips are; a long one is never in memory at 48 kHz."""
    resampler = soxr.ResampleStream(file.samplerate, ENCODER_SAMPLE_RATE, 1)
    parts = [resampler.resample_chunk(part) for part in read_chunks(file)]
    return np.concatenate([*parts, resampler.resample_chunk(np.zeros(0, np.float32), last=True)])


def _not_stored(reason: Exception) -> StorageError:
    logger.error("Made files cannot be stored: %s", reason)
    return StorageError()
