"""What each account has left, on disk, safe with several processes."""

import logging
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from voxcpm_space.errors import AccountsError, BalanceError, StartError
from voxcpm_space.messages import N_

logger = logging.getLogger(__name__)

_TABLES = """
CREATE TABLE IF NOT EXISTS balance (account TEXT PRIMARY KEY, milliseconds INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS secret (purpose TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
_RESERVATIONS = """
CREATE TABLE IF NOT EXISTS reservation (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, milliseconds INTEGER NOT NULL, lapses REAL NOT NULL
);
"""
"""Apart from the others, since databases of earlier versions have none."""
_BALANCE = "SELECT coalesce(sum(milliseconds), 0) FROM balance WHERE account = ?"
_RESERVED_BY_OTHERS = """
SELECT coalesce(sum(milliseconds), 0) FROM reservation WHERE account = ? AND id <> ?
"""
_ADD = """
INSERT INTO balance VALUES (:account, :added)
ON CONFLICT (account) DO UPDATE SET milliseconds = milliseconds + :added
"""
_LOCK_SECONDS = 10.0
SECRET_BYTES = 32
LEASE_SECONDS = 300.0
"""After which a reservation lapses that is not renewed: longer than a clip takes to be prepared,
or a model to be given up, without a sign of life."""


class Balances:
    """Seconds of audio by account, in an SQLite database.

    A database that is lost or damaged is never replaced by an empty one: nobody would know that the
    balances are gone.

    Attributes:
        link_secret: Signs links to files; the same in every process that shares the database.
    """

    link_secret: bytes

    def __init__(self, path: Path) -> None:
        """Opens a database that is there.

        Raises:
            StartError: It is not, or cannot be used.
        """
        self._path = path
        try:
            with self._database() as database:
                (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
                if found != "ok":
                    raise sqlite3.DatabaseError(found)
                database.execute(_BALANCE, ("",))
                database.execute(_RESERVATIONS)
                database.execute(
                    "INSERT OR IGNORE INTO secret VALUES ('links', ?)",
                    (secrets.token_bytes(SECRET_BYTES),),
                )
                (self.link_secret,) = database.execute(
                    "SELECT value FROM secret WHERE purpose = 'links'"
                ).fetchone()
        except AccountsError as error:
            raise StartError(
                f"The balances of the accounts, in {path}, cannot be used ({error.__cause__}). "
                "`python -m voxcpm_space.api.access restore COPY` puts a copy of them back; "
                "docs/operations.md says what to do where there is none."
            ) from error

    @classmethod
    def create(cls, path: Path) -> "Balances":
        """Opens a database, and makes it where it is not there.

        Raises:
            StartError: What is there cannot be used.
        """
        path.touch(mode=0o600)
        with (
            suppress(sqlite3.Error),  # opening it says what is wrong
            closing(sqlite3.connect(path, _LOCK_SECONDS)) as database,
        ):
            database.executescript(_TABLES)
            database.execute("PRAGMA journal_mode = WAL")
        return cls(path)

    def seconds(self, account: str) -> float:
        """Gives what is left: below 0 where the last request needed more than there was.

        Raises:
            AccountsError: The database cannot be used; so for all methods below.
        """
        with self._database() as database:
            (left,) = database.execute(_BALANCE, (account,)).fetchone()
        return float(left) / 1000

    def add(self, account: str, seconds: float) -> None:
        """Adds to what is left."""
        with self._database() as database:
            _add(database, account, seconds)

    def reserve(self, reservation: str, account: str, seconds: float, *, made: float = 0.0) -> None:
        """Sets seconds aside, in place of what this reservation had before; renews it, too.

        One reservation may need more than there is, the others never do. So the balance is never
        overdrawn by more than one request, however many come at once.

        Args:
            reservation: Names it.
            account: Whose seconds they are.
            seconds: Of audio, at least.
            made: Those of them that are for requests which are finished, as of a batch.

        Raises:
            BalanceError: The others, or what is finished, have left nothing.
        """
        with self._database() as database:
            database.execute("DELETE FROM reservation WHERE lapses < ?", (time.time(),))
            (balance,) = database.execute(_BALANCE, (account,)).fetchone()
            (others,) = database.execute(_RESERVED_BY_OTHERS, (account, reservation)).fetchone()
            if balance <= others + round(made * 1000):
                raise nothing_left(account, balance / 1000)
            row = (reservation, account, round(seconds * 1000), time.time() + LEASE_SECONDS)
            database.execute("INSERT OR REPLACE INTO reservation VALUES (?, ?, ?, ?)", row)

    def settle(self, reservation: str, account: str, seconds: float) -> None:
        """Ends a reservation, and takes off the balance what was made."""
        with self._database() as database:
            database.execute("DELETE FROM reservation WHERE id = ?", (reservation,))
            _add(database, account, -seconds)

    def copy_to(self, path: Path) -> None:
        """Writes a copy, also while others use the database.

        Raises:
            StartError: It cannot be written.
        """
        try:
            path.touch(mode=0o600)
            with self._database() as database, closing(sqlite3.connect(path)) as copy:
                database.backup(copy)
        except (OSError, AccountsError) as error:
            raise StartError(
                f"The balances cannot be copied to {path} ({error.__cause__ or error})."
            ) from error

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        # One connection a transaction: cheap with a file, and no thread ever shares one.
        url = f"{self._path.resolve().as_uri()}?mode=rw"
        try:
            with closing(sqlite3.connect(url, _LOCK_SECONDS, uri=True)) as database, database:
                database.isolation_level = "IMMEDIATE"
                yield database
        except sqlite3.Error as error:
            logger.error("The balances in %s cannot be used: %s", self._path, error)  # noqa: TRY400
            raise AccountsError from error


def is_usable(path: Path) -> bool:
    """Tells whether there is a database that can be opened."""
    try:
        Balances(path)
    except StartError:
        return False
    return True


def restore(path: Path, copy: Path | None) -> None:
    """Puts a copy in the place of a database, which stays beside it with `.old` at its end.

    Args:
        path: Of the database.
        copy: As `Balances.copy_to` wrote it; where there is none, all balances are 0.

    Raises:
        StartError: The copy cannot be used.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = Path(folder, path.name)
        if copy is None:
            Balances.create(new)
        else:
            new.touch(mode=0o600)
            try:
                new.write_bytes(copy.read_bytes())
                Balances(new)
            except (OSError, StartError) as error:
                raise StartError(f"{copy} cannot be read, or is no copy of balances.") from error
        if path.exists():
            path.replace(path.with_name(f"{path.name}.old"))
        for log in ("-wal", "-shm"):  # of the old one: they would be taken for the copy's
            path.with_name(path.name + log).unlink(missing_ok=True)
        new.replace(path)


def _add(database: sqlite3.Connection, account: str, seconds: float) -> None:
    database.execute(_ADD, {"account": account, "added": round(seconds * 1000)})


def nothing_left(account: str, seconds: float) -> BalanceError:
    """What is said of an account that has so many seconds, which others have reserved."""
    if seconds <= 0:
        return BalanceError(
            N_(
                "The account {name} has no seconds of audio left. Please have it topped up.",
                name=account,
            )
        )
    return BalanceError(
        N_(
            "The account {name} has {seconds:.1f} s of audio left, and all of them are reserved "
            "for what it asked for before. Please wait until that is made, or have it topped up.",
            name=account,
            seconds=seconds,
        )
    )
