"""The waiting line before the model: first come, first served, and not endless."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from voxcpm_space.errors import BusyError

_FIRST_GUESS_SECONDS = 10.0
_WEIGHT_OF_LAST = 0.3
"""How much the last take counts when the next one's time is estimated."""


@dataclass(frozen=True)
class QueuePosition:
    """How far a take is from its turn.

    Attributes:
        ahead: Takes that come first, the running one included.
        seconds: Until its turn, estimated from the takes before.
    """

    ahead: int
    seconds: float


class RequestQueue:
    """Lets takes have the model in the order in which they came."""

    def __init__(self, max_waiting: int, at_once: int = 1) -> None:
        """Opens the line.

        Args:
            max_waiting: Places for those whose turn has not come.
            at_once: Takes that have their turn at the same time.
        """
        self._max_waiting = max_waiting
        self._at_once = at_once
        self._places: list[Slot] = []
        self._moved = threading.Condition()
        self._usual_seconds = _FIRST_GUESS_SECONDS

    def check_room(self) -> None:
        """Returns if there is a free place.

        Raises:
            BusyError: There is none.
        """
        if len(self._places) >= self._at_once + self._max_waiting:
            raise BusyError(
                f"The waiting line is full: {self._max_waiting} requests are waiting already.",
                retry_after=self._usual_seconds,
            )

    @contextmanager
    def joined(self, *, although_full: bool = False) -> Iterator["Slot"]:
        """Takes the last place, and leaves it in the end.

        Args:
            although_full: Whether a place is made where there is no free one.

        Raises:
            BusyError: There is no free place.
        """
        place = Slot(self)
        with self._moved:
            if not although_full:
                self.check_room()
            self._places.append(place)
        try:
            yield place
        finally:
            place.leave()

    def wait_until_empty(self, seconds: float) -> bool:
        """Waits until all have left, for so many seconds at most, and tells whether they have."""
        with self._moved:
            return self._moved.wait_for(lambda: not self._places, seconds)

    def _wait(self, place: "Slot", seconds: float) -> QueuePosition | None:
        with self._moved:
            if self._moved.wait_for(lambda: not self._ahead_of(place), seconds):
                place.turn_came = time.monotonic()
                return None
            ahead = self._ahead_of(place)
            return QueuePosition(ahead, ahead * self._usual_seconds)

    def _leave(self, place: "Slot") -> None:
        with self._moved:
            if place in self._places:
                self._places.remove(place)
                self._learn_from(place)
                self._moved.notify_all()

    def _ahead_of(self, place: "Slot") -> int:
        return max(0, self._places.index(place) - self._at_once + 1)

    def _learn_from(self, place: "Slot") -> None:
        if place.turn_came is not None:
            took = time.monotonic() - place.turn_came
            self._usual_seconds += _WEIGHT_OF_LAST * (took - self._usual_seconds)


@dataclass(eq=False)
class Slot:
    """A place in the line.

    Attributes:
        line: Where it is.
        turn_came: When its turn came, by `time.monotonic`.
    """

    line: RequestQueue
    turn_came: float | None = None

    def wait(self, seconds: float) -> QueuePosition | None:
        """Waits for the turn, for so many seconds at most, and gives None when it has come."""
        return self.line._wait(self, seconds)  # noqa: SLF001

    def leave(self) -> None:
        """Lets the next one come; who has left already can leave again."""
        self.line._leave(self)  # noqa: SLF001
