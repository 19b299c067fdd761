"""The file of accounts: names, hashed keys, and what each account may do."""

import hashlib
import hmac
import logging
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeAlias

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from tomlkit.exceptions import TOMLKitError

from voxcpm_space.errors import StartError
from voxcpm_space.schemas import OPERATIONS, Operation

logger = logging.getLogger(__name__)

_KEY_BYTES = 32
"""A random key of this size cannot be guessed from its hash, so a fast hash is enough."""

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class Account(BaseModel):
    """What one account may do.

    Attributes:
        key_sha256: Hash of its key, in hexadecimal digits.
        operations: What it may ask for.
        requests_per_minute: Most requests; where not given the server's own limit holds.
        unlimited: Whether it is not charged for what it makes.
        disabled: Whether it may do nothing for now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    operations: tuple[Operation, ...] = OPERATIONS
    requests_per_minute: int | None = Field(None, ge=1)
    unlimited: bool = False
    disabled: bool = False


_Accounts = TypeAdapter(dict[Name, Account])


class Accounts:
    """The accounts in a TOML file, a table each; a change of the file holds from the next request.

    Without the file there are none, as in an empty one.

    Raises:
        StartError: The file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        """Reads the file."""
        self._path = path
        self._lock = threading.Lock()
        self._version = self._version_on_disk()
        self._accounts = _read(path)

    def named(self, name: str) -> Account | None:
        """Gives the account of that name."""
        return self._current().get(name)

    def all(self) -> dict[str, Account]:
        """Gives the accounts by name."""
        return self._current()

    def with_key(self, key: str) -> tuple[str, Account] | None:
        """Gives name and account that a key belongs to, in a time that tells nothing of keys."""
        key_sha256 = hash_of(key)
        found = None
        for name, account in self._current().items():
            if hmac.compare_digest(account.key_sha256, key_sha256):
                found = name, account
        return found

    def _current(self) -> dict[str, Account]:
        with self._lock:
            version = self._version_on_disk()
            if version != self._version:
                self._version = version
                self._accounts = self._reread()
            return self._accounts

    def _reread(self) -> dict[str, Account]:
        try:
            return _read(self._path)
        except StartError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                logger.error("%s Until then the server is closed to everyone.", error)  # noqa: TRY400
                return {}
            logger.error("%s Until it is mended the accounts stay as they were.", error)  # noqa: TRY400
            return self._accounts

    def _version_on_disk(self) -> tuple[int, int, int] | None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError:
            return self._version
        return stat.st_ino, stat.st_mtime_ns, stat.st_size


def hash_of(key: str) -> str:
    """Gives the hash under which a key is kept."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def new_key() -> str:
    """Draws a key."""
    return secrets.token_urlsafe(_KEY_BYTES)


@contextmanager
def edited(path: Path) -> Iterator[tomlkit.TOMLDocument]:
    """Gives the file to be changed, comments and all, and replaces it afterwards at one stroke.

    Raises:
        StartError: The file cannot be used, or could not after the change.
    """
    if path.exists():
        _read(path)
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    yield document
    _checked(path, document.unwrap())
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as new:
        try:
            new.write(tomlkit.dumps(document))
            new.close()
            if path.exists():
                shutil.copymode(path, new.name)
            Path(new.name).replace(path)
        finally:
            Path(new.name).unlink(missing_ok=True)  # there only where it did not get there


def _read(path: Path) -> dict[str, Account]:
    try:
        content = tomlkit.parse(path.read_text("utf-8")).unwrap()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise StartError(
            f"The accounts in {path} cannot be read ({error}). "
            "`python -m voxcpm_space.api.access add NAME --unlimited` makes the file."
        ) from error
    return _checked(path, content)


def _checked(path: Path, content: object) -> dict[str, Account]:
    try:
        return _Accounts.validate_python(content)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise StartError(
            f"The accounts in {path} cannot be used: {place}: {problem['msg']}."
        ) from error
