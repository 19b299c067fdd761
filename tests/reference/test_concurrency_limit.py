import pytest

from voxcpm_space.reference.concurrency_limit import ConcurrencyLimit, LimitTimeoutError


def test_so_many_at_once_and_the_next_one_when_one_has_ended():
    turns = ConcurrencyLimit(2)
    with turns.taken(0):
        with turns.taken(0), pytest.raises(LimitTimeoutError), turns.taken(0.01):
            pytest.fail("There are only two turns")
        with turns.taken(0):
            pass


def test_a_turn_that_ends_badly_is_given_back():
    turns = ConcurrencyLimit(1)
    with pytest.raises(ValueError, match="bad"), turns.taken(0):
        raise ValueError("bad")
    with turns.taken(0):
        pass
