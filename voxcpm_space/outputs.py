"""Made audio: encoded, tagged, stored under names that cannot be guessed, and expired."""

import secrets
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from gradio.utils import get_upload_folder

from voxcpm_space.audio import Waveform


class Outputs:
    """The folder of made audio files.

    Attributes:
        files: Paths of all that this process made; Gradio deletes them by age and at shutdown.
    """

    def __init__(self, keep_seconds: int) -> None:
        """Opens the folder, and deletes what an earlier process left there too long.

        Args:
            keep_seconds: Age at which a file is deleted.
        """
        # Inside Gradio's own folder its file route serves them, behind its login if there is one.
        self._folder = Path(get_upload_folder()).resolve() / "speech"
        self._folder.mkdir(parents=True, exist_ok=True)
        self.keep_seconds = keep_seconds
        self.files: set[str] = set()
        for left in self._folder.glob("*.wav"):
            if time.time() - left.stat().st_mtime > keep_seconds:
                left.unlink(missing_ok=True)

    def can_be_written(self) -> bool:
        """Tells whether the folder is there and takes files."""
        try:
            tempfile.TemporaryFile(dir=self._folder).close()
        except OSError:
            return False
        return True

    def save(self, pieces: Sequence[Waveform], sample_rate: int, comment: str) -> Path:
        """Stores a speech as 16-bit WAV.

        Args:
            pieces: Mono samples, each of shape (samples,); louder than full scale is turned down.
            sample_rate: In Hz.
            comment: Goes into the file's comment tag.

        Returns:
            Where it is.
        """
        path = self._folder / f"{secrets.token_urlsafe(16)}.wav"
        loudest = max(1.0, *(float(np.abs(piece).max(initial=0.0)) for piece in pieces))
        try:
            with soundfile.SoundFile(path, "w", sample_rate, 1, "PCM_16", format="WAV") as file:
                file.comment = comment
                for piece in pieces:
                    file.write(piece / loudest)
        except BaseException:
            path.unlink(missing_ok=True)  # a full disk leaves no half file behind
            raise
        self.files.add(str(path))
        return path
