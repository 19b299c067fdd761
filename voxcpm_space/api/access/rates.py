"""How often one address or account may ask."""

import ipaddress
import logging
import time
from collections.abc import Callable
from typing import TypeAlias

import limits
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from voxcpm_space.errors import BusyError, StartError
from voxcpm_space.messages import N_

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 2.0
_IPV6_SUBSCRIBER = 64
"""Length of the prefix that one subscriber has to itself (RFC 6177)."""

_Allows: TypeAlias = Callable[[MovingWindowRateLimiter, limits.RateLimitItem, str], bool]


class RateLimit:
    """Counts requests, in memory or in a Redis server that several replicas share."""

    def __init__(self, default: str, storage_url: str) -> None:
        """Connects to the storage.

        Args:
            default: In the notation of the `limits` library; empty for none.
            storage_url: `memory://` or `redis://...`.

        Raises:
            StartError: The storage cannot be reached.
        """
        self._default = limits.parse_many(default) if default else []
        options = {} if storage_url.startswith("memory") else _TIMEOUTS
        storage = storage_from_string(storage_url, wrap_exceptions=True, **options)
        assert isinstance(storage, limits.storage.Storage)
        if not storage.check():
            raise StartError(
                "VOXCPM_RATE_LIMIT_STORAGE cannot be reached. Please start it, or leave the "
                "variable out to count in memory."
            )
        self._limiter = MovingWindowRateLimiter(storage)
        self._fallback = MovingWindowRateLimiter(MemoryStorage())

    def count(self, who: str, requests_per_minute: int | None = None) -> None:
        """Counts a request.

        Args:
            who: Address or account.
            requests_per_minute: In place of the default limit.

        Raises:
            BusyError: There were too many.
        """
        own = [limits.RateLimitItemPerMinute(requests_per_minute)] if requests_per_minute else None
        for limit in own or self._default:
            self._ask(MovingWindowRateLimiter.hit, limit, who)

    def check(self, who: str, requests_per_minute: int) -> None:
        """Counts nothing, but refuses where no further request would be allowed.

        Raises:
            BusyError: There were too many.
        """
        limit = limits.RateLimitItemPerMinute(requests_per_minute)
        self._ask(MovingWindowRateLimiter.test, limit, who)

    def _ask(self, allows: _Allows, limit: limits.RateLimitItem, who: str) -> None:
        try:
            _ask(allows, self._limiter, limit, who)
        except StorageError as error:
            # A lost server must neither stop the service nor open it to floods.
            logger.error("Counting requests in this process, since the storage failed: %s", error)  # noqa: TRY400
            _ask(allows, self._fallback, limit, who)


_TIMEOUTS = {"socket_connect_timeout": _CONNECT_SECONDS, "socket_timeout": _CONNECT_SECONDS}


def _ask(
    allows: _Allows, limiter: MovingWindowRateLimiter, limit: limits.RateLimitItem, who: str
) -> None:
    if not allows(limiter, limit, who):
        left = limiter.get_window_stats(limit, who).reset_time - time.time()
        raise BusyError(N_("Too many requests: {limit} are allowed.", limit=_in_words(limit)), left)


def _in_words(limit: limits.RateLimitItem) -> str:
    if limit.multiples > 1:
        return str(limit)
    return {
        "second": N_("{count} per 1 second", count=limit.amount),
        "minute": N_("{count} per 1 minute", count=limit.amount),
        "hour": N_("{count} per 1 hour", count=limit.amount),
        "day": N_("{count} per 1 day", count=limit.amount),
    }.get(limit.GRANULARITY.name, str(limit))


def subscriber_of(address: str) -> str:
    """Gives what tells visitors apart: an IPv4 address, or the prefix of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_SUBSCRIBER), strict=False))
