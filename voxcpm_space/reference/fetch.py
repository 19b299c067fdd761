"""Downloads a stranger's URL without reaching into our own network."""

import asyncio
import ipaddress
import socket

import httpx
from safehttpx import AsyncSecureTransport

from voxcpm_space.errors import InputError

MAX_BYTES = 25 * 1024 * 1024
MAX_SECONDS = 20.0
MAX_REDIRECTS = 5

_UNREACHABLE = (
    "The reference clip could not be downloaded from reference_audio_url. Please check that "
    "the URL opens in a browser without signing in, or upload the file instead."
)
# Global by number, but each holds an IPv4 address that a gateway may translate to.
_TRANSLATED = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "2002::/16", "2001::/32")]


def fetch(url: str) -> bytes:
    """Downloads `url`.

    Only public addresses are connected to, checked anew on every redirect; the address that was
    checked is the one connected to, and proxies of the environment are not used.

    Args:
        url: http or https.

    Returns:
        The body, at most 25 MB.

    Raises:
        InputError: It could not be had within 20 s; one sentence for every unreachable target,
            so that a stranger learns nothing about our network.
    """
    try:
        return asyncio.run(asyncio.wait_for(_follow(url), MAX_SECONDS))
    except asyncio.TimeoutError as error:  # TimeoutError itself from Python 3.11 on
        raise InputError(
            f"The reference clip did not arrive within {MAX_SECONDS:g} s. "
            "Please use a faster server, or upload the file instead."
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise InputError(_UNREACHABLE) from error


async def _follow(url: str) -> bytes:
    target = httpx.URL(url)
    for _ in range(MAX_REDIRECTS + 1):
        transport = AsyncSecureTransport(await _public_address(target))
        async with (
            httpx.AsyncClient(transport=transport, trust_env=False) as client,
            client.stream("GET", target, timeout=MAX_SECONDS) as response,
        ):
            if not response.has_redirect_location:
                response.raise_for_status()
                return await _read(response)
            target = target.join(response.headers["Location"])
    raise InputError(f"reference_audio_url redirects more than {MAX_REDIRECTS} times.")


async def _public_address(url: httpx.URL) -> str:
    if url.scheme not in {"http", "https"} or url.userinfo:
        raise InputError(_UNREACHABLE)
    infos = await asyncio.get_running_loop().getaddrinfo(
        url.host, url.port, type=socket.SOCK_STREAM
    )
    addresses = [str(info[4][0]) for info in infos]
    if not all(is_public(address) for address in addresses):
        raise InputError(_UNREACHABLE)
    return addresses[0]


def is_public(address: str) -> bool:
    """Tells whether an IP address belongs to the open internet and to nobody's own network."""
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _TRANSLATED)


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_BYTES:
            raise InputError(
                f"The reference clip is larger than {MAX_BYTES // 2**20} MB. "
                "Please use a shorter or compressed one."
            )
    return bytes(body)
