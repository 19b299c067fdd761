"""Downloads a stranger's URL without reaching into our own network."""

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from functools import cache

import anyio.to_thread
import httpx

from voxcpm_space.errors import BusyError, InputError
from voxcpm_space.messages import N_
from voxcpm_space.reference.concurrency_limit import ConcurrencyLimit, LimitTimeoutError
from voxcpm_space.reference.targets import Target

MAX_BYTES = 25 * 1024 * 1024
MAX_SECONDS = 20.0
MAX_REDIRECTS = 5

_MAX_WORK_SECONDS = 3.0
"""Of processor time; 25 MB that come as they usually do need a tenth of it."""
_LOOK_SECONDS = 0.1
_TURNS = ConcurrencyLimit(32)
_TURN_SECONDS = 5.0
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "voxcpm-space"}
# Other codings unpack a piece of 64 KB to gigabytes before anybody can count; these to 66 MB.
_CODINGS = {"", "identity", "gzip", "x-gzip", "deflate"}
_DEFAULT_PORTS = {"http": 80, "https": 443}

UNREACHABLE = N_(
    "The file could not be downloaded from its URL. Please check that it is an http or https URL "
    "without a password, on a public server and a usual port, and that it opens in a browser "
    "without signing in; or upload the file instead."
)


def fetch(url: str, targets: Sequence[Target]) -> bytes:
    """Downloads `url`.

    Only targets that are allowed are connected to, checked anew on every redirect; the address
    that was checked is the one connected to, and proxies of the environment are not used.

    Args:
        url: http or https.
        targets: What the operator allows.

    Returns:
        The body, at most 25 MB, also after unpacking.

    Raises:
        InputError: It could not be had within 20 s; one sentence for every unreachable target,
            so that a stranger learns nothing about our network.
        BusyError: Too many are being downloaded.
    """
    try:
        with _TURNS.taken(_TURN_SECONDS):
            return asyncio.run(_within_limits(url, targets))
    except LimitTimeoutError as error:
        raise BusyError(N_("Too many files are being downloaded now."), _TURN_SECONDS) from error
    except httpx.ReadTimeout as error:
        raise InputError(
            N_(
                "The server of the URL sent nothing for {seconds:g} s. "
                "Please use a faster server, or upload the file instead.",
                seconds=_TIMEOUT.read,
            )
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise InputError(UNREACHABLE) from error


async def _within_limits(url: str, targets: Sequence[Target]) -> bytes:
    """Ends a download that takes too long, or that comes in so many pieces that it is all work."""
    started, worked = time.monotonic(), time.thread_time()
    download = asyncio.create_task(_follow(url, targets))
    while not (await asyncio.wait([download], timeout=_LOOK_SECONDS))[0]:
        if time.thread_time() - worked > _MAX_WORK_SECONDS:
            raise InputError(
                N_(
                    "The server of the URL sends the file in too many small pieces. "
                    "Please use another server, or upload the file instead."
                )
            )
        if time.monotonic() - started > MAX_SECONDS:
            raise InputError(
                N_(
                    "The file did not arrive within {seconds:g} s. "
                    "Please use a faster server, or upload the file instead.",
                    seconds=MAX_SECONDS,
                )
            )
    return download.result()


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to believe over HTTPS; reading the certificates takes longer than a short download."""
    return httpx.create_ssl_context()


class _ToCheckedAddress(httpx.AsyncHTTPTransport):
    """Connects to the address that was checked, in the name of the host it was checked for.

    Like safehttpx's, which however loses the timeouts, the port in `Host`, and names with accents.
    """

    def __init__(self, address: str) -> None:
        super().__init__(verify=_trusted())
        self._address = address

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = request.url.raw_host.decode("ascii")
        request.url = request.url.copy_with(host=self._address)
        return await super().handle_async_request(request)


async def _follow(url: str, targets: Sequence[Target]) -> bytes:
    location = httpx.URL(url)
    for _ in range(MAX_REDIRECTS + 1):
        transport = _ToCheckedAddress(await _checked_address(location, targets))
        async with (
            httpx.AsyncClient(transport=transport, trust_env=False, headers=_HEADERS) as client,
            client.stream("GET", location, timeout=_TIMEOUT) as response,
        ):
            if not response.has_redirect_location:
                response.raise_for_status()
                return await _read(response)
            location = location.join(response.headers["Location"])
    raise InputError(
        N_(
            "The URL redirects more than {times} times. Please give the one where it ends.",
            times=MAX_REDIRECTS,
        )
    )


async def _checked_address(url: httpx.URL, targets: Sequence[Target]) -> str:
    if url.scheme not in _DEFAULT_PORTS or url.userinfo:
        raise InputError(UNREACHABLE)
    host = url.raw_host.decode("ascii")
    port = _DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    # In a thread that can be left behind: a name server may take longer than we wait.
    infos = await anyio.to_thread.run_sync(_resolve, host, port, abandon_on_cancel=True)
    addresses = [str(info[4][0]) for info in infos]
    if not any(target.admits(host, port, addresses) for target in targets):
        raise InputError(UNREACHABLE)
    return addresses[0]


def _resolve(host: str, port: int) -> list[tuple[object, object, object, str, tuple[object, ...]]]:
    return [*socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


async def _read(response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "").strip().lower() not in _CODINGS:
        raise InputError(
            N_(
                "The server of the URL sends the file packed in a way that is not accepted here. "
                "Please upload it instead."
            )
        )
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            raise too_large()
    return bytes(body)


def too_large() -> InputError:
    """The refusal of a file over 25 MB, the same from every source."""
    return InputError(
        N_(
            "The file is larger than {size} MB. Please use a shorter or compressed one.",
            size=MAX_BYTES // 2**20,
        )
    )
