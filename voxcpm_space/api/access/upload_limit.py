"""How many files, and how much in all, one address or account may upload."""

import time

import limits
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from voxcpm_space.errors import BusyError
from voxcpm_space.messages import N_, Message

_MOST_FILES = 200
_MOST_MEGABYTES = 500
"""20 clips of the largest size, or a minute of 48 kHz WAV in each of 80."""


class UploadLimit:
    """Counts what each has uploaded in the time for which it is kept, so what of it is kept.

    It counts in memory, whatever `VOXCPM_RATE_LIMIT_STORAGE` is: the disk is that of this server.
    """

    def __init__(self, keep_seconds: int) -> None:
        """Counts over so many seconds."""
        self._keep_seconds = keep_seconds
        self._files = limits.RateLimitItemPerSecond(_MOST_FILES, keep_seconds, "files")
        self._megabytes = limits.RateLimitItemPerSecond(_MOST_MEGABYTES, keep_seconds, "megabytes")
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count_files(self, who: str, files: int) -> None:
        """Counts files that have come.

        Raises:
            BusyError: These are too many.
        """
        too_many = N_(
            "Only {most} files in {minutes:.0f} minutes can be uploaded.",
            most=_MOST_FILES,
            minutes=self._keep_seconds / 60,
        )
        self._hit(self._files, who, files, too_many)

    def count_megabyte(self, who: str) -> None:
        """Counts a megabyte that begins to come.

        Raises:
            BusyError: This is too much.
        """
        too_much = N_(
            "Only {most} MB in {minutes:.0f} minutes can be uploaded.",
            most=_MOST_MEGABYTES,
            minutes=self._keep_seconds / 60,
        )
        self._hit(self._megabytes, who, 1, too_much)

    def _hit(self, limit: limits.RateLimitItem, who: str, cost: int, refusal: Message) -> None:
        if not self._limiter.hit(limit, who, cost=cost):
            reset = self._limiter.get_window_stats(limit, who).reset_time
            raise BusyError(refusal, reset - time.time())


class Upload:
    """One upload, counted as it comes."""

    def __init__(self, limit: UploadLimit, who: str) -> None:
        """Begins it, for an address or account."""
        self._limit = limit
        self._who = who
        self._came = self._counted = 0

    def count_bytes(self, came: int) -> None:
        """Counts what has come, by the megabyte.

        Raises:
            BusyError: This is too much.
        """
        self._came += came
        while self._counted < self._came:
            self._limit.count_megabyte(self._who)
            self._counted += 2**20

    def count_files(self, files: int) -> None:
        """Counts the files that have come.

        Raises:
            BusyError: These are too many.
        """
        self._limit.count_files(self._who, files)
