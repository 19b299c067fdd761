"""What operators can see: one log line a request, and metrics for Prometheus.

Neither holds texts, audio, keys or addresses of visitors.
"""

import logging
import time
import traceback
from collections.abc import Iterator
from types import TracebackType

from prometheus_client import Counter, Gauge, Histogram

from voxcpm_space.errors import CLIENT_LEFT, status_of

logger = logging.getLogger(__name__)

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)
_RTFS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 4, 8, 16, 32, 64)

REQUESTS = Counter(
    "voxcpm_requests", "Requests answered, by HTTP status", ["door", "operation", "status"]
)
OPEN_REQUESTS = Gauge("voxcpm_open_takes", "Takes that wait for the model or are being made")
AUDIO_SECONDS = Counter("voxcpm_audio_seconds", "Seconds of audio made")
COMPUTE_SECONDS = Counter("voxcpm_compute_seconds", "Seconds in which the model was busy")
RTF = Histogram("voxcpm_rtf", "Seconds of computing for a second of audio", buckets=_RTFS)
TTFA = Histogram(
    "voxcpm_ttfa_seconds", "From a request's turn to its first audio", buckets=_SECONDS
)


_LEVELS = {"faster_whisper": logging.WARNING, "httpx": logging.WARNING, "mcp": logging.CRITICAL}
"""Of loggers whose lines hold lengths and URLs of clips, and what agents ask for."""
_BEFORE_MESSAGES = {"asyncio": "\n", "root": ":"}
"""asyncio shows a task with its error, and mcp logs by the root's logger what it cannot read."""


def log_to_stderr() -> None:
    """Sends what the log says to the standard error, in every process the same way."""
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutMessages("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    quiet_libraries()


def quiet_libraries() -> None:
    """Keeps lines out of the log that hold what visitors wrote."""
    for name, level in _LEVELS.items():
        logging.getLogger(name).setLevel(level)


class WithoutMessages(logging.Formatter):
    """Shows where errors arose and of which kind they are: their messages can hold what was sent.

    Those of torch and of the operating system are kept, which know of no text.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Gives a line, of some loggers the part before an error's message."""
        if end := _BEFORE_MESSAGES.get(record.name):
            record.message = record.message.partition(end)[0]
        return super().formatMessage(record)

    def formatException(  # noqa: N802  (logging's name)
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, ...]
    ) -> str:
        """Gives the traceback of an error, and of those that led to it."""
        return "".join(_places(ei[1])) if ei[1] else ""


def _places(error: BaseException) -> Iterator[str]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier:
        yield from _places(earlier)
        yield "\n\nwhich led to:\n\n"
    for part in getattr(error, "exceptions", ()):  # of an exception group
        yield from _places(part)
        yield "\n\nwhich was part of:\n\n"
    yield from traceback.format_tb(error.__traceback__)
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, OSError) and error.strerror:
        yield f": {error.strerror}"
    elif kind.__module__.partition(".")[0] == "torch":
        yield f": {error}"


def record(door: str, operation: str, status: int, started: float, request_id: str = "-") -> None:
    """Counts and logs an answered request.

    Args:
        door: Which front door it came through.
        operation: `text-to-speech` or `voice-cloning`.
        status: HTTP status, also where the door speaks no HTTP.
        started: When it came, by `time.perf_counter`.
        request_id: The one that the answer carries, if it carries one.
    """
    REQUESTS.labels(door, operation, status).inc()
    logger.info(
        "request_id=%s door=%s operation=%s status=%d seconds=%.2f",
        request_id,
        door,
        operation,
        status,
        time.perf_counter() - started,
    )


class recorded:  # noqa: N801  (used like a function: `with recorded("page", "batch"):`)
    """Context that records the request which is answered inside, by whether and how it fails."""

    def __init__(self, door: str, operation: str) -> None:
        """Takes what `record` takes."""
        self._door, self._operation = door, operation

    def __enter__(self) -> None:
        """Starts the clock."""
        self._started = time.perf_counter()

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        """Records, and lets an error pass."""
        status = 200
        if error is not None:  # a generator that is closed raises what is no Exception
            status = status_of(error) if isinstance(error, Exception) else CLIENT_LEFT
        record(self._door, self._operation, status, self._started)
