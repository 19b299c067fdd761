"""Made files in an object store, where their links lead on several servers and outlive each."""

import logging
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import GCSStore, S3Store, from_url

from voxcpm_space.errors import ResultsError, StartError
from voxcpm_space.settings import Settings

logger = logging.getLogger(__name__)

_FAILURES = (BaseError, OSError)
"""What is not there, and what may not be done, are raised as errors of the operating system."""
_OURS = re.compile(r"[\w-]{20,}\.wav")
"""Names that `Outputs` gives; nothing else is ever deleted."""
_PROBE = "voxcpm-probe"
_ANSWER_SECONDS = timedelta(seconds=30)
_CONNECT_SECONDS = timedelta(seconds=5)
_RETRY_SECONDS = timedelta(seconds=30)
_RETRIES = 5
"""With growing pauses, some 3 s in all."""


class ResultStore:
    """An S3 bucket, one of what speaks its language, or of Google's, with a prefix.

    Keys, endpoint and region are read from the variables that these have everywhere, such as
    `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_ENDPOINT_URL`.
    """

    def __init__(self, settings: Settings) -> None:
        """Opens the store, and tries to write into it.

        Args:
            settings: Where it is, how its links begin, and how long they are to last.

        Raises:
            StartError: It cannot be reached or written.
        """
        self._keep = timedelta(seconds=settings.keep_seconds)
        self._public_url = settings.results_url.rstrip("/")
        try:
            store = from_url(
                settings.results,
                client_options={
                    "allow_http": True,  # as stores on the own network are reached
                    "timeout": _ANSWER_SECONDS,
                    "connect_timeout": _CONNECT_SECONDS,
                },
                retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_SECONDS},
            )
            assert isinstance(store, S3Store | GCSStore), "as the settings demand"
            self._store = store
            self._probe()
        except _FAILURES as error:
            raise StartError(
                f"VOXCPM_RESULTS={settings.results} cannot be written ({_first_line(error)}). "
                "Please correct it or its keys, or start the store first."
            ) from error
        self._is_well = True

    def check(self) -> None:
        """Returns if it takes files; asks again only where the last upload failed.

        Raises:
            ResultsError: It does not.
        """
        if self._is_well:
            return
        try:
            self._probe()
        except _FAILURES as error:
            raise self._failed(error) from error
        self._is_well = True

    def publish(self, path: Path) -> str:
        """Uploads a file, in parts where it is large, and gives the URL at which it can be had.

        Raises:
            ResultsError: It cannot be uploaded; no part of it is left.
        """
        try:
            obstore.put(self._store, path.name, path, attributes={"Content-Type": "audio/wav"})
            self._is_well = True
            if self._public_url:
                return f"{self._public_url}/{path.name}"
            return obstore.sign(self._store, "GET", path.name, self._keep)
        except _FAILURES as error:
            self._is_well = False
            raise self._failed(error) from error

    def expire(self) -> None:
        """Deletes files that are as old as their links, whichever server has made them.

        Raises:
            ResultsError: The store cannot be read or written.
        """
        last = datetime.now(timezone.utc) - self._keep
        try:
            for found in obstore.list(self._store):
                old = [
                    file["path"]
                    for file in found
                    if file["last_modified"] < last and _OURS.fullmatch(file["path"])
                ]
                if old:
                    obstore.delete(self._store, old)
        except _FAILURES as error:
            raise self._failed(error) from error

    def _probe(self) -> None:
        obstore.put(self._store, _PROBE, b"")

    def _failed(self, error: Exception) -> ResultsError:
        logger.error("The store of results fails: %s", _first_line(error))
        return ResultsError()


def _first_line(error: Exception) -> str:
    """Gives what obstore says, without the details that follow it."""
    return str(error).splitlines()[0]
