"""A cache up to a size and an age, in which each value is made once."""

import threading
import weakref
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from cachetools import TTLCache

from voxcpm_space.futures import complete

ValueT = TypeVar("ValueT")

_CLEAN_UPS_PER_LIFETIME = 10


class SingleFlightCache(Generic[ValueT]):
    """What was made last, up to a size and an age; whoever asks for what is being made waits."""

    def __init__(
        self, max_size: float, keep_seconds: float, size_of: Callable[[ValueT], float]
    ) -> None:
        """Starts with nothing.

        Args:
            max_size: Of all that is kept together, in the unit of `size_of`; none is larger.
            keep_seconds: Age at which something is forgotten, also when nobody asks any more.
            size_of: Tells how much one takes.
        """
        self._lock = threading.Lock()
        self._kept: TTLCache[Hashable, ValueT] = TTLCache(max_size, keep_seconds, getsizeof=size_of)
        self._being_made: dict[Hashable, Future[ValueT]] = {}
        self._keep_seconds = keep_seconds
        self._clean_up: threading.Timer | None = None

    def get(self, key: Hashable, make: Callable[[], ValueT]) -> ValueT:
        """Gives what is kept under a key, or makes it: once, also where many ask at the same time.

        Whatever `make` raises reaches all who wait for it, and is not kept.
        """
        with self._lock:
            if key in self._kept:
                return self._kept[key]
            awaited = self._being_made.get(key)
            if awaited is None:
                own = self._being_made[key] = Future[ValueT]()
        return self._made(key, own, make) if awaited is None else awaited.result()

    def peek(self, key: Hashable) -> ValueT | None:
        """Gives what is kept under a key."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: Hashable, value: ValueT) -> None:
        """Keeps what was made elsewhere, in place of what is kept under the key."""
        with self._lock:
            self._kept[key] = value
            self._clean_up_later()

    def _made(self, key: Hashable, own: "Future[ValueT]", make: Callable[[], ValueT]) -> ValueT:
        def made_and_kept() -> ValueT:
            value = make()
            self.put(key, value)
            return value

        complete(own, made_and_kept)
        with self._lock:
            del self._being_made[key]
        return own.result()

    def _clean_up_later(self) -> None:
        """The cache itself forgets only when it is asked, and holds the last clips until then."""
        if self._clean_up is None:
            wait = self._keep_seconds / _CLEAN_UPS_PER_LIFETIME
            # Held by its timer, a cache would outlive its owner, with all that is in it.
            self._clean_up = threading.Timer(
                wait, _call, [weakref.WeakMethod(self._forget_the_old)]
            )
            self._clean_up.daemon = True
            self._clean_up.start()

    def __del__(self) -> None:
        """Ends the thread that waits to clean up."""
        if self._clean_up is not None:
            self._clean_up.cancel()

    def _forget_the_old(self) -> None:
        with self._lock:
            self._clean_up = None
            self._kept.expire()
            if self._kept:
                self._clean_up_later()


def _call(method: "weakref.WeakMethod[Callable[[], None]]") -> None:
    if there := method():
        there()
