"""What each account has left, on disk, safe with several processes."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS balance (account TEXT PRIMARY KEY, milliseconds INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS secret (purpose TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
_LOCK_SECONDS = 10.0
_SECRET_BYTES = 32


class Balances:
    """Seconds of audio by account, in an SQLite database.

    Attributes:
        link_secret: Signs links to files; the same in every process that shares the database.
    """

    link_secret: bytes

    def __init__(self, path: Path) -> None:
        """Opens the database, and makes it where it is not there."""
        self._path = path
        path.touch(mode=0o600)
        with self._database() as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_TABLES)
            database.execute(
                "INSERT OR IGNORE INTO secret VALUES ('links', ?)",
                (secrets.token_bytes(_SECRET_BYTES),),
            )
            (self.link_secret,) = database.execute(
                "SELECT value FROM secret WHERE purpose = 'links'"
            ).fetchone()

    @classmethod
    def beside(cls, accounts: Path) -> "Balances":
        """Opens the database that belongs to a file of accounts."""
        return cls(accounts.with_suffix(".sqlite3"))

    def seconds(self, account: str) -> float:
        """Gives what is left: below 0 where the last request needed more than there was."""
        with self._database() as database:
            row = database.execute(
                "SELECT milliseconds FROM balance WHERE account = ?", (account,)
            ).fetchone()
        return row[0] / 1000 if row else 0.0

    def add(self, account: str, seconds: float) -> None:
        """Adds to what is left, or takes away from it."""
        with self._database() as database:
            database.execute(
                "INSERT INTO balance VALUES (:account, :added) ON CONFLICT (account) "
                "DO UPDATE SET milliseconds = milliseconds + :added",
                {"account": account, "added": round(seconds * 1000)},
            )

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        # One connection a transaction: cheap with a file, and no thread ever shares one.
        with closing(sqlite3.connect(self._path, timeout=_LOCK_SECONDS)) as database, database:
            yield database
