import pytest

from voxcpm_space.api.access.at_once import AtOnce
from voxcpm_space.errors import BusyError


def test_a_caller_has_so_many_going_on_and_does_not_hold_up_others():
    looks = AtOnce(2)
    with looks.one_more("ann"), looks.one_more("ann"):
        with pytest.raises(BusyError, match="Only 2 clips at once"), looks.one_more("ann"):
            pytest.fail("That is one too many")
        with looks.one_more("bob"):
            pass
    with looks.one_more("ann"), looks.one_more("ann"):
        pass


def test_what_ends_badly_is_over():
    looks = AtOnce(1)
    with pytest.raises(ValueError, match="bad"), looks.one_more("ann"):
        raise ValueError("bad")
    with looks.one_more("ann"):
        pass
