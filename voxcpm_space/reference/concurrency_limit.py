"""Lets only so many clips at once into a narrow place."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class LimitTimeoutError(Exception):
    """Too many were before, for too long."""


class ConcurrencyLimit:
    """Turns of which only so many are taken at once, so that no clip holds up all others."""

    def __init__(self, at_once: int) -> None:
        """Opens the place for `at_once` of them."""
        self._free = threading.Semaphore(at_once)

    @contextmanager
    def taken(self, wait_seconds: float) -> Iterator[None]:
        """Waits for a turn, and gives it back at the end.

        Raises:
            LimitTimeoutError: None came within `wait_seconds`.
        """
        if not self._free.acquire(timeout=wait_seconds):
            raise LimitTimeoutError
        try:
            yield
        finally:
            self._free.release()
