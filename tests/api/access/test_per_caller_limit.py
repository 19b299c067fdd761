import pytest

from voxcpm_space.api.access.per_caller_limit import PerCallerLimit
from voxcpm_space.errors import BusyError


def test_a_caller_has_so_many_going_on_and_does_not_hold_up_others():
    looks = PerCallerLimit(2)
    with looks.acquire("ann"), looks.acquire("ann"):
        with pytest.raises(BusyError, match="Only 2 clips at once"), looks.acquire("ann"):
            pytest.fail("That is one too many")
        with looks.acquire("bob"):
            pass
    with looks.acquire("ann"), looks.acquire("ann"):
        pass


def test_what_ends_badly_is_over():
    looks = PerCallerLimit(1)
    with pytest.raises(ValueError, match="bad"), looks.acquire("ann"):
        raise ValueError("bad")
    with looks.acquire("ann"):
        pass
