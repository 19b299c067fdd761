"""Decides which servers a stranger's URL may lead to."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

ANY_PUBLIC = "*"
_WEB_PORTS = frozenset({80, 443})

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# Named here since Python counts them as global, or did so in some release that runs this. Most
# IPv6 ones hold an IPv4 address that a gateway may translate to.
_NOT_PUBLIC: list[_Network] = [
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # carrier-grade NAT, and metadata of one cloud
        "168.63.129.16/32",  # metadata of another
        "192.0.0.0/24",  # protocol assignments, and metadata of a third
        "192.88.99.0/24",  # 6to4 relays
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local use
        "100::/64",  # discarded
        "2001::/23",  # Teredo, ORCHID, benchmarks
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
]


@dataclass(frozen=True)
class Target:
    """One entry of VOXCPM_REFERENCE_HOSTS.

    Attributes:
        host: A name or an address, in lower case; `*` for every one that is public.
        ports: Allowed ones; None for all.
    """

    host: str
    ports: frozenset[int] | None = _WEB_PORTS

    def admits(self, host: str, port: int, addresses: Sequence[str]) -> bool:
        """Tells whether this entry opens `host`, which resolves to `addresses`."""
        return (
            self.host in {ANY_PUBLIC, host}
            and (self.ports is None or port in self.ports)
            and all(is_public(address) or self._opens(address) for address in addresses)
        )

    def _opens(self, address: str) -> bool:
        if self.host == "localhost":
            return ipaddress.ip_address(address).is_loopback
        return self.host == address


def parse_targets(hosts: str) -> list[Target]:
    """Reads VOXCPM_REFERENCE_HOSTS, whose form the settings have checked.

    What is not public is opened by its address or by `localhost` only, so that no name server
    can decide it.
    """
    return [_target(entry.strip().lower()) for entry in hosts.split(",")]


def _target(entry: str) -> Target:
    host, colon, port = entry.rpartition(":")
    if not colon or entry.endswith("]"):
        return Target(entry.strip("[]"))
    return Target(host.strip("[]"), None if port == "*" else frozenset({int(port)}))


def is_public(address: str) -> bool:
    """Tells whether an IP address belongs to the open internet and to nobody's own network."""
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _NOT_PUBLIC)
