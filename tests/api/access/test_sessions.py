"""A login is a value that only this server can make, for one account, its key and a time."""

import time

import pytest

from voxcpm_space.api.access.accounts import Account, hash_of
from voxcpm_space.api.access.sessions import SESSION_SECONDS, Sessions

ANN = Account(key_sha256=hash_of("ann's key"))
OTHER_KEY = Account(key_sha256=hash_of("another key"))


@pytest.fixture
def sessions():
    return Sessions(b"a secret")


def test_it_holds_in_every_process_that_has_the_secret_and_nowhere_else(sessions):
    value = sessions.begin("ann", ANN)
    assert sessions.name_in(value) == "ann"
    assert Sessions(b"a secret").holds(value, ANN)
    assert not Sessions(b"another secret").holds(value, ANN)


def test_it_ends_with_the_key(sessions):
    assert not sessions.holds(sessions.begin("ann", ANN), OTHER_KEY)


def test_it_ends_with_its_time(sessions, monkeypatch):
    value, now = sessions.begin("ann", ANN), time.time()
    monkeypatch.setattr(time, "time", lambda: now + SESSION_SECONDS - 2)
    assert sessions.holds(value, ANN)
    monkeypatch.setattr(time, "time", lambda: now + SESSION_SECONDS + 1)
    assert not sessions.holds(value, ANN)


def test_nobody_can_write_one(sessions):
    name, expires, signature = sessions.begin("ann", ANN).split(":")
    for forged in (
        f"bob:{expires}:{signature}",
        f"{name}:{int(expires) + 1}:{signature}",
        f"{name}:{expires}:{signature[:-1]}",
        f"{name}:{expires}:",
        f"{name}:{expires}:ü",
        f"{name}:{'9' * 5000}:{signature}",
        f"{name}:²:{signature}",
        "ann",
        ":",
        "",
    ):
        assert not sessions.holds(forged, ANN)


def test_two_servers_on_one_host_do_not_take_each_other_s_cookie(sessions):
    assert sessions.cookie == Sessions(b"a secret").cookie
    assert sessions.cookie != Sessions(b"another secret").cookie
