"""Downloads a stranger's URL without reaching into our own network."""

import asyncio
import socket
from collections.abc import Sequence

import anyio.to_thread
import httpx
from safehttpx import AsyncSecureTransport

from voxcpm_space.errors import InputError
from voxcpm_space.reference.targets import Target

MAX_BYTES = 25 * 1024 * 1024
MAX_SECONDS = 20.0
MAX_REDIRECTS = 5

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "voxcpm-space"}
# Other codings unpack a piece of 64 KB to gigabytes before anybody can count; these to 66 MB.
_CODINGS = {"", "identity", "gzip", "x-gzip", "deflate"}
_DEFAULT_PORTS = {"http": 80, "https": 443}

UNREACHABLE = (
    "The reference clip could not be downloaded from reference_audio_url. Please check that it is "
    "an http or https URL without a password, on a public server and a usual port, and that it "
    "opens in a browser without signing in; or upload the file instead."
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
    """
    try:
        return asyncio.run(asyncio.wait_for(_follow(url, targets), MAX_SECONDS))
    except asyncio.TimeoutError as error:  # TimeoutError itself from Python 3.11 on
        raise InputError(
            f"The reference clip did not arrive within {MAX_SECONDS:g} s. "
            "Please use a faster server, or upload the file instead."
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise InputError(UNREACHABLE) from error


async def _follow(url: str, targets: Sequence[Target]) -> bytes:
    location = httpx.URL(url)
    for _ in range(MAX_REDIRECTS + 1):
        transport = AsyncSecureTransport(await _checked_address(location, targets))
        async with (
            httpx.AsyncClient(transport=transport, trust_env=False, headers=_HEADERS) as client,
            client.stream("GET", location, timeout=_TIMEOUT) as response,
        ):
            if not response.has_redirect_location:
                response.raise_for_status()
                return await _read(response)
            location = location.join(response.headers["Location"])
    raise InputError(
        f"reference_audio_url redirects more than {MAX_REDIRECTS} times. "
        "Please give the URL where it ends."
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
            "The server of reference_audio_url sends the clip packed in a way that is not "
            "accepted here. Please upload the file instead."
        )
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_BYTES:
            raise too_large()
    return bytes(body)


def too_large() -> InputError:
    """The refusal of a clip over 25 MB, the same from every source."""
    return InputError(
        f"The reference clip is larger than {MAX_BYTES // 2**20} MB. "
        "Please use a shorter or compressed one."
    )
