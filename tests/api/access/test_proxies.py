import asyncio
import os

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from voxcpm_space.api.access.proxies import trust_the_proxies_of_a_space


@pytest.fixture(autouse=True)
def space(monkeypatch):
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "openbmb/VoxCPM2")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "to be restored")
    monkeypatch.delenv("FORWARDED_ALLOW_IPS")


def address_seen(peer, forwarded):
    """The visitor's address, as uvicorn gives it to the application."""
    seen = []

    async def application(scope, *_):
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", forwarded.encode())]
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    middleware = ProxyHeadersMiddleware(application, os.environ["FORWARDED_ALLOW_IPS"])
    asyncio.run(middleware(scope, None, None))
    return seen[0]


@pytest.mark.parametrize("peer", ["10.16.4.2", "127.0.0.1", "100.64.9.9", "fd00::5"])
def test_on_a_space_the_visitor_is_who_the_proxies_name(peer):
    trust_the_proxies_of_a_space()
    assert address_seen(peer, "203.0.113.7") == "203.0.113.7"
    assert address_seen(peer, "203.0.113.7, 10.20.0.3") == "203.0.113.7"


def test_what_a_visitor_claims_does_not_count():
    trust_the_proxies_of_a_space()
    assert address_seen("10.16.4.2", "198.51.100.1, 203.0.113.7") == "203.0.113.7"
    assert address_seen("203.0.113.7", "198.51.100.1") == "203.0.113.7"


def test_what_whoever_runs_it_has_set_stays(monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "192.0.2.1")
    trust_the_proxies_of_a_space()
    assert os.environ["FORWARDED_ALLOW_IPS"] == "192.0.2.1"


def test_elsewhere_nothing_is_trusted_that_was_not_before(monkeypatch):
    monkeypatch.delenv("SYSTEM")
    trust_the_proxies_of_a_space()
    assert "FORWARDED_ALLOW_IPS" not in os.environ
