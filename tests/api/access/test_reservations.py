from contextlib import ExitStack

import pytest

from tests.api.access.customers import at_once
from voxcpm_space.api.access import balances as module
from voxcpm_space.api.access.balances import LEASE_SECONDS, Balances
from voxcpm_space.api.access.reservations import Reservations
from voxcpm_space.errors import BalanceError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "balances.sqlite3"
    Balances.create(path).add("ann", 10)
    return path


@pytest.fixture
def reservations(path):
    return Reservations(Balances(path))


@pytest.fixture
def clock(monkeypatch):
    """Seconds that have passed: `clock.append(5)`."""
    passed = []
    now = module.time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + sum(passed))
    monkeypatch.setattr(module.time, "monotonic", lambda: sum(passed))
    return passed


def test_several_processes_reserve_together_what_there_is_and_no_more(path):
    assert sum(at_once("reserve", path, customers=4)) == 10


def test_where_more_is_made_than_estimated_only_one_goes_beyond_what_there_is(reservations):
    with reservations.opened("ann") as first, reservations.opened("ann") as second:
        first.cover(1)
        second.cover(1)
        first.cover(8)
        second.cover(8)  # beyond, where the other leaves it something
        first.cover(11)
        with pytest.raises(BalanceError):
            second.cover(12)
        first.cover(20)


def test_one_account_reserves_nothing_of_another_s(path, reservations):
    Balances(path).add("bob", 1)
    with reservations.opened("ann") as all_of_ann_s, reservations.opened("bob") as bob_s:
        all_of_ann_s.cover(10)
        bob_s.cover(1)


def test_a_reservation_of_a_process_that_was_killed_lapses(path, reservations, clock):
    Balances(path).reserve("left behind", "ann", 10)
    with reservations.opened("ann") as reservation:
        with pytest.raises(BalanceError):
            reservation.cover(1)
        clock.append(LEASE_SECONDS + 1)
        reservation.cover(1)


def test_one_that_is_at_work_for_long_does_not_lapse(reservations, clock):
    with ExitStack() as stack:
        slow, other = (stack.enter_context(reservations.opened("ann")) for _ in range(2))
        slow.cover(10)
        for _ in range(5):
            clock.append(LEASE_SECONDS / 3)
            slow.cover(0.16)
        with pytest.raises(BalanceError):
            other.cover(1)
