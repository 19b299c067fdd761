"""What each account has left, in a PostgreSQL database that servers on several machines share."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from voxcpm_space.api.access.balances import LEASE_SECONDS, SECRET_BYTES, nothing_left
from voxcpm_space.errors import AccountsError, StartError

logger = logging.getLogger(__name__)

_Connection = psycopg.Connection[tuple[Any, ...]]

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('voxcpm tables'))"
"""Two that make the same table at once would fail, IF NOT EXISTS or not."""
_TABLES = """
CREATE TABLE IF NOT EXISTS voxcpm_balance (account text PRIMARY KEY, milliseconds bigint NOT NULL);
CREATE TABLE IF NOT EXISTS voxcpm_reservation (
    id text PRIMARY KEY, account text NOT NULL, milliseconds bigint NOT NULL,
    lapses timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS voxcpm_reservation_account ON voxcpm_reservation (account);
CREATE TABLE IF NOT EXISTS voxcpm_secret (purpose text PRIMARY KEY, value bytea NOT NULL);
"""
_MAKE_LINK_KEY = "INSERT INTO voxcpm_secret VALUES ('links', %s) ON CONFLICT DO NOTHING"
_LINK_KEY = "SELECT value FROM voxcpm_secret WHERE purpose = 'links'"
_BALANCE = "SELECT coalesce(sum(milliseconds), 0) FROM voxcpm_balance WHERE account = %s"
_ADD = """
INSERT INTO voxcpm_balance AS known VALUES (%s, %s)
ON CONFLICT (account) DO UPDATE SET milliseconds = known.milliseconds + excluded.milliseconds
RETURNING milliseconds
"""
"""Locks the account's balance until the transaction ends, also where nothing is added."""
_FORGET_LAPSED = "DELETE FROM voxcpm_reservation WHERE account = %s AND lapses < now()"
_RESERVED_BY_OTHERS = """
SELECT coalesce(sum(milliseconds), 0) FROM voxcpm_reservation WHERE account = %s AND id <> %s
"""
_RESERVE = """
INSERT INTO voxcpm_reservation VALUES (%s, %s, %s, now() + make_interval(secs => %s))
ON CONFLICT (id) DO UPDATE SET milliseconds = excluded.milliseconds, lapses = excluded.lapses
"""
_END_RESERVATION = "DELETE FROM voxcpm_reservation WHERE id = %s"
_CONNECT_SECONDS = 5
_LIMITS = "-c lock_timeout=10s -c statement_timeout=20s"


class PostgresBalances:
    """Seconds of audio by account; methods and errors are those of `Balances`.

    Each transaction locks the account's balance first, so that they wait for each other and none
    is ended by another. Times are the database's, whatever the clocks of the servers say.

    Attributes:
        link_secret: Signs links to files; the same on every server that shares the database.
    """

    link_secret: bytes

    def __init__(self, url: str) -> None:
        """Opens the tables that are there.

        Raises:
            StartError: They are not, or the database cannot be reached.
        """
        self._url = url
        try:
            with self._database() as database:
                self.link_secret = bytes(_value(database, _LINK_KEY))
        except AccountsError as error:
            raise _unusable(error) from error

    @classmethod
    def create(cls, url: str) -> "PostgresBalances":
        """Opens the tables, and makes them where they are not there.

        Raises:
            StartError: The database cannot be reached, or may not be written.
        """
        try:
            with _connected(url) as database:
                database.execute(_ONE_AT_A_TIME)
                database.execute(_TABLES)
                database.execute(_MAKE_LINK_KEY, (secrets.token_bytes(SECRET_BYTES),))
        except AccountsError as error:
            raise _unusable(error) from error
        return cls(url)

    @classmethod
    def is_usable(cls, url: str) -> bool:
        """Tells whether there are tables that can be read."""
        try:
            cls(url)
        except StartError:
            return False
        return True

    def seconds(self, account: str) -> float:
        """Gives what is left; see `Balances.seconds`."""
        with self._database() as database:
            return float(_value(database, _BALANCE, account)) / 1000

    def add(self, account: str, seconds: float) -> None:
        """Adds to what is left."""
        with self._database() as database:
            database.execute(_ADD, (account, round(seconds * 1000)))

    def reserve(self, reservation: str, account: str, seconds: float, *, made: float = 0.0) -> None:
        """Sets seconds aside; see `Balances.reserve`."""
        with self._database() as database:
            balance = _value(database, _ADD, account, 0)
            database.execute(_FORGET_LAPSED, (account,))
            others = _value(database, _RESERVED_BY_OTHERS, account, reservation)
            if balance <= others + round(made * 1000):
                raise nothing_left(account, balance / 1000)
            row = (reservation, account, round(seconds * 1000), LEASE_SECONDS)
            database.execute(_RESERVE, row)

    def settle(self, reservation: str, account: str, seconds: float) -> None:
        """Ends a reservation, and takes off the balance what was made."""
        with self._database() as database:
            database.execute(_ADD, (account, -round(seconds * 1000)))
            database.execute(_END_RESERVATION, (reservation,))

    def copy_to(self, path: Path) -> None:
        """Leaves copies to PostgreSQL.

        Raises:
            StartError: Says so.
        """
        raise StartError(
            f"Nothing is written to {path}: balances in PostgreSQL are copied by its own pg_dump, "
            "and put back by psql."
        )

    def _database(self) -> AbstractContextManager[_Connection]:
        return _connected(self._url)


@contextmanager
def _connected(url: str) -> Iterator[_Connection]:
    """Gives a connection for one transaction.

    Raises:
        AccountsError: The database cannot be reached or used; nothing of the transaction is left.
    """
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS, options=_LIMITS) as database:
            yield database
    except psycopg.Error as error:
        logger.error("The balances in PostgreSQL cannot be used: %s", error)  # noqa: TRY400
        raise AccountsError from error


def _value(database: _Connection, query: Any, *values: object) -> Any:
    row = database.execute(query, values).fetchone()
    if row is None:
        raise psycopg.DataError("no such row")
    return row[0]


def _unusable(error: AccountsError) -> StartError:
    reason = str(error.__cause__).splitlines()[0]
    return StartError(
        f"The balances in VOXCPM_ACCOUNTS_DB cannot be used ({reason}). Please start the database "
        "or correct the URL; `python -m voxcpm_space.api.access restore` makes new balances where "
        "there were none or none can be had back."
    )
