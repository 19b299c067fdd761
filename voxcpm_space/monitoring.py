"""What operators can see: one log line a request, and metrics for Prometheus.

Neither holds texts, audio, keys or addresses of visitors.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
TTFA = Histogram("voxcpm_ttfa_seconds", "From a take's turn to its first audio", buckets=_SECONDS)


def log_to_stderr() -> None:
    """Sends what the log says to the standard error, in every process the same way."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold the URLs of clips


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


@contextmanager
def recorded(door: str, operation: str) -> Iterator[None]:
    """Records the request that is answered inside, by whether and how that fails."""
    started = time.perf_counter()
    status = CLIENT_LEFT  # what is left when a generator is closed, which is no Exception
    try:
        yield
        status = 200
    except Exception as error:
        status = status_of(error)
        raise
    finally:
        record(door, operation, status, started)
