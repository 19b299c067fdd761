"""What visitors upload and what is made for them: kept for a while, and not too much of it."""

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voxcpm_space.own_folder import OwnFolder, delete_older, files_in

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)


class KeptFiles:
    """All files in the folder of this server, whoever has put them there.

    Gradio's `delete_cache` knows only those that went through one of its components, and deletes
    its copies of the page's own example clips, which keep the age of the originals.
    """

    def __init__(self, folder: OwnFolder, keep_seconds: float, keep_bytes: int) -> None:
        """Looks at nothing yet.

        Args:
            folder: Of this server.
            keep_seconds: Age at which a file is deleted.
            keep_bytes: Of all files; beyond that the oldest are deleted before their time.
        """
        self._folder = folder
        self._keep_seconds = keep_seconds
        self._keep_bytes = keep_bytes
        self._page_files: dict[Path, bytes] = {}
        self._fetched: Counter[str] = Counter()
        self._lock = threading.Lock()

    def spare_those_of_the_page(self) -> None:
        """Never deletes the files that are there now, before anybody has seen the page."""
        self._page_files = {path: path.read_bytes() for path, _ in files_in(self._folder.path)}

    def restore(self) -> None:
        """Makes the folder again where somebody has deleted it, with the page's own files.

        Raises:
            OSError: It cannot be made.
        """
        with self._lock:
            if not self._folder.restore():
                return
            for path, content in self._page_files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        logger.warning("The folder of temporary files was deleted, and is made again")

    @contextmanager
    def fetching(self, name: str) -> Iterator[None]:
        """Keeps the files of a name from making room for others while one of them is fetched."""
        with self._lock:
            self._fetched[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._fetched[name] -= 1
                self._fetched += Counter()  # forgets who is not fetched any more

    def make_room(self) -> None:
        """Deletes the oldest files where all together are too large; the newest one stays."""
        with self._lock:
            found = [
                each for each in files_in(self._folder.path) if each[0] not in self._page_files
            ]
            found.sort(key=lambda each: each[1].st_mtime)
            excess = sum(stat.st_size for _, stat in found) - self._keep_bytes
            for path, stat in found[:-1]:
                if excess <= 0:
                    return
                if path.name not in self._fetched:
                    path.unlink(missing_ok=True)
                    excess -= stat.st_size

    def expire(self) -> None:
        """Deletes what is old enough, here and where servers have died.

        Raises:
            OSError: Something cannot be deleted.
        """
        self.restore()
        delete_older(self._folder.path, self._keep_seconds, self._page_files.__contains__)
        self._folder.expire_leftovers(self._keep_seconds)
