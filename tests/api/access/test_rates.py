import pytest
import redis
from fakeredis import FakeRedis, FakeServer

from voxcpm_space.api.access.rates import RateLimit, subscriber_of
from voxcpm_space.errors import BusyError, StartError


@pytest.fixture
def redis_server(monkeypatch):
    """A fake of a Redis server, which the real client finds at any URL."""
    server = FakeServer()
    monkeypatch.setattr(redis, "from_url", lambda *_, **__: FakeRedis(server=server))
    return server


def counted(limit, who, times, **options):
    """How many of so many requests pass."""
    passed = 0
    for _ in range(times):
        try:
            limit.count(who, **options)
        except BusyError:
            continue
        passed += 1
    return passed


def test_so_many_requests_pass_and_the_next_one_says_when_to_come_again():
    limit = RateLimit("3/minute", "memory://")
    assert counted(limit, "ann", 5) == 3
    with pytest.raises(BusyError, match=r"3 per 1 minute are allowed.*try again in \d+ s") as busy:
        limit.count("ann")
    assert 0 < busy.value.retry_after <= 60
    limit.count("bob")  # is another one


def test_several_limits_hold_together():
    limit = RateLimit("5/second;2/hour", "memory://")
    assert counted(limit, "ann", 5) == 2


def test_an_account_s_own_limit_replaces_the_server_s():
    assert counted(RateLimit("3/minute", "memory://"), "ann", 9, requests_per_minute=5) == 5


def test_without_a_limit_everything_passes():
    assert counted(RateLimit("", "memory://"), "ann", 500) == 500


@pytest.mark.usefixtures("redis_server")
def test_replicas_that_share_a_storage_share_the_limit():
    one, other = (RateLimit("4/minute", "redis://shared") for _ in range(2))
    assert counted(one, "ann", 3) == 3
    assert counted(other, "ann", 3) == 1


def test_a_storage_that_is_lost_neither_stops_the_service_nor_opens_it(redis_server, caplog):
    limit = RateLimit("2/minute", "redis://shared")
    redis_server.connected = False
    assert counted(limit, "ann", 4) == 2
    assert "the storage failed" in caplog.text


def test_a_storage_that_is_not_there_stops_the_start():
    with pytest.raises(StartError, match="VOXCPM_RATE_LIMIT_STORAGE cannot be reached"):
        RateLimit("2/minute", "redis://127.0.0.1:1")


@pytest.mark.parametrize(
    ("address", "subscriber"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
    ],
)
def test_addresses_of_one_subscriber_count_as_one(address, subscriber):
    assert subscriber_of(address) == subscriber
