"""uvicorn 0.54: connections that send nothing, or hardly anything, end.

uvicorn limits the time between two requests, and connections only for all addresses together: a
few hundred silent ones from one address are enough to keep all others out. Its protocol class can
be chosen, but not through Gradio, and nothing else sees a connection before its headers are whole:
h11 has no clock, and middleware is called with whole headers only. A proxy in front would do the
same (Apache's mod_reqtimeout, nginx's limit_conn), where there is one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import h11
from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.middleware.proxy_headers import _TrustedHosts
from uvicorn.protocols.http.h11_impl import H11Protocol

_SENTENCE = b"Too many connections are open from your address. Please close some of them."
_TOO_MANY = (
    b"HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nRetry-After: 20\r\n"
    b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(_SENTENCE), _SENTENCE)
)


@dataclass(frozen=True)
class ConnectionLimits:
    """How long and how many connections may do nothing.

    The times are those of Apache's mod_reqtimeout (`header=20 body=20,MinRate=500`), under which
    slow clients have lived for years.

    Attributes:
        proxies: `FORWARDED_ALLOW_IPS`; these have as many connections as they want.
        subscriber_of: Gives what tells visitors apart by their address.
        header_seconds: Until a request's headers are complete.
        body_seconds: Until its body is, and more for what has come of it.
        body_bytes_per_second: For which a second more is given.
        most: Connections of one subscriber; a browser opens 6, and 40 people may share an address.
    """

    proxies: str
    subscriber_of: Callable[[str], str]
    header_seconds: float = 20.0
    body_seconds: float = 20.0
    body_bytes_per_second: float = 500.0
    most: int = 256


def limit_connections(limits: ConnectionLimits) -> None:
    """Limits the connections of all servers that uvicorn starts in this process from now on."""
    LimitedProtocol.use(limits)
    HTTP_PROTOCOLS["auto"] = f"{__name__}:{LimitedProtocol.__name__}"


class LimitedProtocol(H11Protocol):
    """A connection that is closed where a request takes too long to come, or that is too many.

    While a request is answered there is no limit: listeners of streams and events stay.
    """

    _limits: ClassVar[ConnectionLimits]
    _trusted: ClassVar[_TrustedHosts]
    _open: ClassVar[defaultdict[str, set["LimitedProtocol"]]] = defaultdict(set)

    _waits_for: Any = None
    """`h11.IDLE` for headers, `h11.SEND_BODY` for a body; None for nothing."""
    _since = 0.0
    _came = 0
    _timer: asyncio.TimerHandle | None = None

    @classmethod
    def use(cls, limits: ConnectionLimits) -> None:
        """Sets the limits of all connections that are opened from now on."""
        cls._limits = limits
        cls._trusted = _TrustedHosts(limits.proxies)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Counts it, and begins to wait for headers."""
        super().connection_made(transport)
        name = self._subscriber
        if name is not None and len(self._open[name]) >= self._limits.most:
            transport.write(_TOO_MANY)
            transport.close()
            return
        if name is not None:
            self._open[name].add(self)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Takes what has come."""
        super().data_received(data)
        self._came += len(data)
        self._wait()

    def on_response_complete(self) -> None:
        """Waits for the next request."""
        super().on_response_complete()
        self._wait()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leaves the connection to uvicorn's WebSockets, which end silent ones by themselves."""
        self._forget()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts it no more."""
        self._forget()
        super().connection_lost(exc)

    @property
    def _subscriber(self) -> str | None:
        """Who has opened it; None where that is a proxy, behind which many are."""
        host = self.client[0] if self.client else None
        return None if host is None or host in self._trusted else self._limits.subscriber_of(host)

    def _wait(self) -> None:
        """Gives time for what has to come next."""
        state = self.conn.their_state
        waits_for = state if state in {h11.IDLE, h11.SEND_BODY} else None
        if waits_for is self._waits_for or self.transport.is_closing():
            return
        self._waits_for, self._came, self._since = waits_for, 0, self.loop.time()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None
        if self._waits_for:
            self._timer = self.loop.call_at(self._deadline, self._look)

    @property
    def _deadline(self) -> float:
        limits = self._limits
        if self._waits_for is h11.IDLE:
            return self._since + limits.header_seconds
        return self._since + limits.body_seconds + self._came / limits.body_bytes_per_second

    def _look(self) -> None:
        if self.flow.read_paused:  # it is the application that does not take what has come
            self._since = self.loop.time()
        if self._deadline > self.loop.time():
            self._set_timer()
        else:
            self.transport.close()

    def _forget(self) -> None:
        self._waits_for = None
        self._set_timer()
        if name := self._subscriber:
            self._open[name].discard(self)
            if not self._open[name]:
                del self._open[name]
