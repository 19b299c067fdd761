"""How much of something each caller has going on at the same moment."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from voxcpm_space.errors import BusyError
from voxcpm_space.messages import ngettext

_RETRY_SECONDS = 5.0


class PerCallerLimit:
    """Lets every caller do only so much at once, so that nobody takes the places of all."""

    def __init__(self, most: int) -> None:
        """Allows `most` to each."""
        self._most = most
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()

    @contextmanager
    def acquire(self, name: str) -> Iterator[None]:
        """Counts what is done inside.

        Raises:
            BusyError: The caller of this name has enough going on.
        """
        with self._lock:
            if self._open[name] >= self._most:
                raise BusyError(
                    ngettext(
                        "Only {count} clip at once can be looked at.",
                        "Only {count} clips at once can be looked at.",
                        self._most,
                    ),
                    _RETRY_SECONDS,
                )
            self._open[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[name] -= 1
                self._open += Counter()  # forgets who has nothing going on
