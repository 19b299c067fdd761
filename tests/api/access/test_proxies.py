import asyncio
import os

import pytest
import uvicorn
from starlette.datastructures import Headers
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.proxies import (
    TrustedProxies,
    proxies_left_to_us,
    trust_the_proxies_of_a_space,
)
from voxcpm_space.settings import Settings


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


def seen_by_gradio(peer, trusted="127.0.0.1", access=None, **headers):
    """Scope and headers as they are behind `TrustedProxies`."""
    seen = []

    async def application(scope, *_):
        seen.append(scope)

    raw = [(name.replace("_", "-").lower().encode(), v.encode()) for name, v in headers.items()]
    scope = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": raw}
    middleware = TrustedProxies(application, access or Access(Settings()), trusted)
    asyncio.run(middleware(scope, None, None))
    return seen[0]["client"][0], seen[0]["scheme"], Headers(scope=seen[0])


FORGED = {
    "X_Forwarded_For": "198.51.100.1",
    "X_Forwarded_Host": "evil.example",
    "X_Forwarded_Proto": "https",
    "X_Gradio_Server": "http://evil.example",
}


def test_a_visitor_cannot_say_what_the_server_is_called():
    address, scheme, headers = seen_by_gradio("203.0.113.7", **FORGED, Host="voice.example")
    assert (address, scheme) == ("203.0.113.7", "http")
    assert dict(headers) == {"host": "voice.example"}


@pytest.mark.parametrize(
    ("peer", "trusted"), [("127.0.0.1", "127.0.0.1"), ("10.2.3.4", "10.0.0.0/8")]
)
def test_a_proxy_that_is_trusted_can(peer, trusted):
    address, scheme, headers = seen_by_gradio(peer, trusted, **FORGED)
    assert (address, scheme) == ("198.51.100.1", "https")
    assert headers["X-Forwarded-Host"] == "evil.example"


def test_what_the_process_asks_itself_is_taken_as_it_was_checked():
    access = Access(Settings())
    own = {"X_VoxCPM_Loopback": access.loopback_secret}
    address, _, headers = seen_by_gradio("127.0.0.1", "192.0.2.1", access, **FORGED, **own)
    assert address == "198.51.100.1"
    assert headers["X-Forwarded-Host"] == "evil.example"
    forged = FORGED | {"X_VoxCPM_Loopback": "guessed"}
    assert seen_by_gradio("127.0.0.1", "192.0.2.1", access, **forged)[0] == "127.0.0.1"


@pytest.mark.parametrize("configured", [None, "192.0.2.1", "*"])
def test_uvicorn_leaves_the_headers_to_us_and_the_setting_as_it_was(monkeypatch, configured):
    if configured is not None:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", configured)
    with proxies_left_to_us() as trusted:
        assert trusted == (configured or "127.0.0.1,::1")
        config = uvicorn.Config(None)
        assert (
            "127.0.0.1"
            not in ProxyHeadersMiddleware(None, config.forwarded_allow_ips).trusted_hosts
        )
    assert os.environ.get("FORWARDED_ALLOW_IPS") == configured
