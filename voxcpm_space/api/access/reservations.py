"""Seconds of a balance that are reserved while a request is answered, and charged at its end."""

import logging
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from voxcpm_space.api.access.balances import LEASE_SECONDS
from voxcpm_space.api.access.open_balances import AnyBalances
from voxcpm_space.errors import AccountsError

logger = logging.getLogger(__name__)

_GROWTH_SECONDS = 0.5
"""By which a reservation grows where more is made than was estimated: a transaction each."""


class Reservation:
    """What a request takes off a balance; this one takes nothing, where nobody pays.

    Attributes:
        due: Seconds of audio that are charged where `settle` is not called, since the caller has
            them already.
        made: Seconds of finished audio in it, where it is for more than one speech.
    """

    def __init__(self) -> None:
        """Starts with nothing."""
        self.due = 0.0
        self.made = 0.0

    def cover(self, seconds: float) -> None:
        """Reserves so many seconds of audio at least, and renews what is reserved.

        Raises:
            BalanceError: What else is reserved has left nothing.
            AccountsError: The balances cannot be read or written.
        """

    def settle(self, seconds: float) -> None:
        """Charges so many seconds, and ends it.

        Raises:
            AccountsError: The balances cannot be read or written; nothing is charged.
        """


class Reservations:
    """Those of this process; one that is left behind by a process that was killed lapses."""

    def __init__(self, balances: AnyBalances) -> None:
        """Reserves on these."""
        self._balances = balances
        self._owed: list[tuple[str, float]] = []
        self._lock = threading.Lock()

    @contextmanager
    def opened(self, account: str) -> Iterator[Reservation]:
        """Gives one of an account, which ends with the context, however that ends."""
        reservation = _OnBalance(self, account)
        try:
            yield reservation
        finally:
            reservation.close()

    def reserve(self, reservation: str, account: str, seconds: float, made: float) -> None:
        """Sets seconds aside, once everything that is owed has been charged."""
        with self._lock:
            while self._owed:
                owing, due = self._owed[-1]
                self._balances.add(owing, -due)
                self._owed.pop()
        self._balances.reserve(reservation, account, seconds, made=made)

    def settle(self, reservation: str, account: str, seconds: float) -> None:
        """Charges seconds."""
        self._balances.settle(reservation, account, seconds)

    def owe(self, account: str, seconds: float) -> None:
        """Keeps in mind what was heard already, but cannot be charged now."""
        logger.error("%s owes %.2f s, to be charged when the balances are back", account, seconds)
        with self._lock:
            self._owed.append((account, seconds))


class _OnBalance(Reservation):
    """One that is paid from the balance of an account."""

    def __init__(self, reservations: Reservations, account: str) -> None:
        super().__init__()
        self._reservations = reservations
        self._account = account
        self._id = secrets.token_hex(8)
        self._seconds = 0.0
        self._renewal = 0.0
        self._is_open = False

    def cover(self, seconds: float) -> None:
        now, wanted = time.monotonic(), self._seconds
        if seconds > wanted:
            wanted = seconds + (_GROWTH_SECONDS if self._is_open else 0.0)
        elif now < self._renewal:
            return
        self._reservations.reserve(self._id, self._account, wanted, self.made)
        self._is_open, self._seconds, self._renewal = True, wanted, now + LEASE_SECONDS / 4

    def settle(self, seconds: float) -> None:
        if self._is_open:
            self._reservations.settle(self._id, self._account, seconds)
            self._is_open = False

    def close(self) -> None:
        try:
            self.settle(self.due)
        except AccountsError:
            if self.due:
                self._reservations.owe(self._account, self.due)
