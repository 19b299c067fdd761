"""A folder for temporary files that is this process's own, and what others left when they died."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from os import stat_result
from pathlib import Path

from filelock import FileLock

_PREFIX = "voxcpm-"
_LOCK = ".lock"
"""A file of this name in a folder is locked as long as the folder's process lives."""


class OwnFolder:
    """A new folder beside those of other servers; the system ends its lock with the process.

    Attributes:
        path: Where it is.
    """

    def __init__(self, root: Path) -> None:
        """Makes the folder.

        Args:
            root: Where servers have their folders; other programs may use it, too.

        Raises:
            OSError: It cannot be made.
        """
        root.mkdir(parents=True, exist_ok=True)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root.resolve()))
        self._lock = FileLock(self.path / _LOCK)
        self._lock.acquire()

    def restore(self) -> bool:
        """Makes it again where somebody has deleted it, and says whether that was so.

        Raises:
            OSError: It cannot be made.
        """
        if (self.path / _LOCK).exists():
            return False
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.release()
        self._lock = FileLock(self.path / _LOCK)
        self._lock.acquire()
        return True

    def remove(self) -> None:
        """Deletes it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()

    def expire_leftovers(self, keep_seconds: float) -> None:
        """Deletes what is older in the folders of processes that live no more."""
        for folder in self.path.parent.glob(f"{_PREFIX}*"):
            if folder != self.path and folder.is_dir():
                with suppress(OSError), FileLock(folder / _LOCK, blocking=False):
                    delete_older(folder, keep_seconds)
                    is_old = time.time() - folder.stat().st_mtime > keep_seconds
                    if is_old and not any(files_in(folder)):  # a new one may not be locked yet
                        shutil.rmtree(folder)


def files_in(folder: Path) -> Iterator[tuple[Path, stat_result]]:
    """Gives the files in a folder at any depth, while others may add and delete files and folders.

    `Path.rglob` would end with an error at a folder that is deleted before its turn; `os.walk`
    passes over it.
    """
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names if name != _LOCK):
            with suppress(OSError):
                if path.is_file():
                    yield path, path.stat()


def delete_older(
    folder: Path, keep_seconds: float, is_spared: Callable[[Path], bool] = lambda _: False
) -> None:
    """Deletes the files that are older, at any depth, and folders that have long been empty.

    Args:
        folder: Itself it stays.
        keep_seconds: Of age, by the time of the last change.
        is_spared: Tells of a file whether it stays whatever its age.
    """
    oldest = time.time() - keep_seconds
    for path, stat in list(files_in(folder)):
        if stat.st_mtime < oldest and not is_spared(path):
            path.unlink(missing_ok=True)
    for parent, names, _ in os.walk(folder, topdown=False):  # what is deeper comes first
        for path in (Path(parent, name) for name in names):
            with suppress(OSError):  # it is not empty
                if path.stat().st_mtime < oldest:
                    path.rmdir()
