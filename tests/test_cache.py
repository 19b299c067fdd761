import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from voxcpm_space.cache import SingleFlightCache


class Making:
    """Makes what it is asked for when the test says so, and counts how often."""

    def __init__(self, made):
        self.made = made
        self.times = 0
        self.may_end = threading.Event()

    def __call__(self):
        self.times += 1
        assert self.may_end.wait(30)
        if isinstance(self.made, Exception):
            raise self.made
        return self.made


def recent(max_size=10, keep_seconds=60):
    return SingleFlightCache(max_size, keep_seconds, size_of=len)


def test_what_is_kept_is_made_once():
    kept, make = recent(), Making("clip")
    make.may_end.set()
    assert [kept.get("a", make) for _ in range(3)] == ["clip"] * 3
    assert make.times == 1
    assert kept.get("b", lambda: "other") == "other"


def together(kept, make):
    """Eight ask for the same before it is there."""
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(kept.get, "a", make) for _ in range(8)]
        time.sleep(0.1)
        make.may_end.set()
        return asked


def test_those_who_ask_at_the_same_time_wait_for_the_first():
    make = Making("clip")
    assert [answer.result() for answer in together(recent(), make)] == ["clip"] * 8
    assert make.times == 1


def test_a_failure_reaches_all_who_wait_and_is_not_kept():
    kept, make = recent(), Making(ValueError("no clip"))
    assert {str(answer.exception()) for answer in together(kept, make)} == {"no clip"}
    assert make.times == 1
    assert kept.get("a", lambda: "clip") == "clip"


def test_nobody_waits_for_what_somebody_else_asks_for():
    kept, slow = recent(), Making("slow")
    thread = threading.Thread(target=kept.get, args=("a", slow))
    thread.start()
    assert kept.get("b", lambda: "quick") == "quick"
    slow.may_end.set()
    thread.join()


def test_the_oldest_makes_room():
    kept = recent(max_size=10)
    for key in "abc":
        kept.get(key, lambda: "four")
    assert kept.get("c", pytest.fail) == "four"
    assert kept.get("a", lambda: "anew") == "anew"


def test_what_is_old_is_let_go_of_also_when_nobody_asks():
    gone = threading.Event()

    class Clip(list):
        def __del__(self):
            gone.set()

    kept = recent(keep_seconds=0.2)
    kept.get("a", Clip)
    assert gone.wait(10)
    assert kept.peek("a") is None


def test_a_cache_goes_with_its_owner_and_so_does_all_that_is_in_it():
    class Clip(list):
        pass

    before = set(threading.enumerate())
    kept = recent(keep_seconds=3600)
    clip = weakref.ref(kept.get("a", Clip))
    (timer,) = set(threading.enumerate()) - before
    del kept
    assert clip() is None
    timer.join(10)
    assert not timer.is_alive()
