"""What operators can see: one log line a request, and metrics for Prometheus.

Neither holds texts, audio, keys or addresses of visitors.
"""

import logging
import time
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


def log_to_stderr() -> None:
    """Sends what the log says to the standard error, in every process the same way."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold the URLs of clips
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)  # it has several for each clip


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
