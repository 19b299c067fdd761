"""Whose word counts for a visitor's address: that of the proxies in between."""

import os

_PRIVATE_NETWORKS = (
    "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,::1/128,fc00::/7"
)


def trust_the_proxies_of_a_space() -> None:
    """On Hugging Face, makes uvicorn take the address from X-Forwarded-For.

    There every request comes through proxies with private addresses, so that without this all
    visitors would share one rate limit. uvicorn reads the header from its end, up to the first
    address that is not a proxy's: what a visitor writes into it does not count.
    """
    if os.environ.get("SYSTEM") == "spaces":
        os.environ.setdefault("FORWARDED_ALLOW_IPS", _PRIVATE_NETWORKS)


def trusted_proxies() -> str:
    """Gives the addresses of proxies as uvicorn takes them, with commas between; `*` is all."""
    return os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
