"""The queue before the model: first come, first served, and not endless."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from voxcpm_space.errors import BusyError
from voxcpm_space.messages import ngettext

_TYPICAL_SECONDS = 5.0
"""Of speech in a request."""
_FIRST_GUESS = 2.0
"""Seconds that a second of speech takes."""
_WEIGHT_OF_LAST = 0.3
"""How much the last request counts when the next one's time is estimated."""


@dataclass(frozen=True)
class QueuePosition:
    """How far a request is from its turn.

    Attributes:
        ahead: Requests that come first, the running ones included.
        seconds: Until its turn, estimated from what those requests are to say, and for how long
            they have had their turn.
    """

    ahead: int
    seconds: float


class RequestQueue:
    """Lets requests have the model in the order in which they came."""

    def __init__(self, max_waiting: int, concurrency: int = 1) -> None:
        """Starts empty.

        Args:
            max_waiting: Requests that may wait for their turn.
            concurrency: Requests that have their turn at the same time.
        """
        self._max_waiting = max_waiting
        self._concurrency = concurrency
        self._slots: list[Slot] = []
        self._changed = threading.Condition()
        self._rate = _FIRST_GUESS

    def resize(self, concurrency: int) -> None:
        """Lets so many requests have their turn at the same time from now on."""
        with self._changed:
            self._concurrency = concurrency
            self._changed.notify_all()

    def check_capacity(self) -> None:
        """Returns if one more request may wait.

        Raises:
            BusyError: The queue is full.
        """
        if len(self._slots) >= self._concurrency + self._max_waiting:
            raise BusyError(
                ngettext(
                    "The waiting line is full: {count} request is waiting already.",
                    "The waiting line is full: {count} requests are waiting already.",
                    self._max_waiting,
                ),
                retry_after=_TYPICAL_SECONDS * self._rate,
            )

    @contextmanager
    def slot(
        self, speech_seconds: float = _TYPICAL_SECONDS, *, although_full: bool = False
    ) -> Iterator["Slot"]:
        """Queues a request, which leaves in the end.

        Args:
            speech_seconds: How long the speech that it asks for is expected to be.
            although_full: Whether it is let in where the queue is full.

        Raises:
            BusyError: The queue is full.
        """
        slot = Slot(self, speech_seconds)
        with self._changed:
            if not although_full:
                self.check_capacity()
            self._slots.append(slot)
        try:
            yield slot
        finally:
            slot.release()

    def wait_until_empty(self, seconds: float) -> bool:
        """Waits until all have left, for so many seconds at most, and tells whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._slots, seconds)

    def _wait(self, slot: "Slot", seconds: float) -> QueuePosition | None:
        with self._changed:
            if self._changed.wait_for(lambda: not self._ahead_of(slot), seconds):
                slot.started = time.monotonic()
                return None
            return QueuePosition(self._ahead_of(slot), self._seconds_before(slot))

    def _wait_on(self, slot: "Slot") -> QueuePosition:
        slot.started = time.monotonic()
        return QueuePosition(1, _TYPICAL_SECONDS * self._rate / self._concurrency)

    def _release(self, slot: "Slot") -> None:
        with self._changed:
            if slot in self._slots:
                self._slots.remove(slot)
                self._learn_from(slot)
                self._changed.notify_all()

    def _ahead_of(self, slot: "Slot") -> int:
        return max(0, self._slots.index(slot) - self._concurrency + 1)

    def _seconds_before(self, slot: "Slot") -> float:
        before = self._slots[: self._slots.index(slot)]
        return sum(map(self._seconds_left, before)) / self._concurrency

    def _seconds_left(self, slot: "Slot") -> float:
        elapsed = 0.0 if slot.started is None else time.monotonic() - slot.started
        return max(0.0, slot.speech_seconds * self._rate - elapsed)

    def _learn_from(self, slot: "Slot") -> None:
        if slot.started is not None:
            rate = (time.monotonic() - slot.started) / slot.speech_seconds
            self._rate += _WEIGHT_OF_LAST * (rate - self._rate)


@dataclass(eq=False)
class Slot:
    """A request's place in the queue.

    Attributes:
        queue: Where it is.
        speech_seconds: How long the speech is expected to be.
        started: When its turn came, by `time.monotonic`.
    """

    queue: RequestQueue
    speech_seconds: float
    started: float | None = None

    def wait(self, seconds: float) -> QueuePosition | None:
        """Waits for the turn, for so many seconds at most, and gives None when it has come."""
        return self.queue._wait(self, seconds)  # noqa: SLF001

    def wait_on(self) -> QueuePosition:
        """Says that what it should use is not free yet; its time runs from the last of these."""
        return self.queue._wait_on(self)  # noqa: SLF001

    def release(self) -> None:
        """Lets the next one come; what was released already can be released again."""
        self.queue._release(self)  # noqa: SLF001
