import threading
from contextlib import ExitStack

import pytest

from voxcpm_space.engine.request_queue import RequestQueue
from voxcpm_space.errors import BusyError


@pytest.fixture
def people():
    """Joins lines, and leaves them when the test is over."""
    with ExitStack() as stack:
        yield stack


def test_the_first_has_its_turn_and_the_others_are_told_how_many_come_first(people):
    line = RequestQueue(max_waiting=5)
    first, second, third = (people.enter_context(line.joined()) for _ in range(3))
    assert first.wait(0) is None
    assert second.wait(0).ahead == 1
    assert third.wait(0).ahead == 2
    assert third.wait(0).seconds > second.wait(0).seconds > 0


def test_who_leaves_hands_the_turn_to_who_came_next_whoever_asks_first():
    line = RequestQueue(max_waiting=5)
    came = []

    def request(number, joined):
        with line.joined() as place:
            joined.set()
            while place.wait(1):
                pass
            came.append(number)

    threads = []
    with line.joined():
        for number in range(5):
            joined = threading.Event()
            threads.append(threading.Thread(target=request, args=(number, joined)))
            threads[-1].start()
            joined.wait()
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]


def test_who_gives_up_while_waiting_holds_up_nobody(people):
    line = RequestQueue(max_waiting=5)
    first = people.enter_context(line.joined())
    with line.joined():
        third = people.enter_context(line.joined())
        assert third.wait(0).ahead == 2
    assert third.wait(0).ahead == 1
    assert first.wait(0) is None


def test_a_full_line_refuses_and_says_when_to_come_again(people):
    line = RequestQueue(max_waiting=1)
    people.enter_context(line.joined())
    waiting = line.joined()
    waiting.__enter__()
    with pytest.raises(BusyError, match=r"line is full.*try again in \d+ s") as refusal:
        people.enter_context(line.joined())
    assert refusal.value.status == 429
    assert refusal.value.headers == {"Retry-After": str(refusal.value.retry_after)}
    waiting.__exit__(None, None, None)
    people.enter_context(line.joined())


def test_the_estimate_follows_the_takes_that_were_made(people):
    line = RequestQueue(max_waiting=5)
    for _ in range(20):
        with line.joined() as place:
            place.wait(0)
    people.enter_context(line.joined())
    assert people.enter_context(line.joined()).wait(0).seconds < 0.5


def test_several_can_have_their_turn_at_once(people):
    line = RequestQueue(max_waiting=5, at_once=2)
    first, second, third = (people.enter_context(line.joined()) for _ in range(3))
    assert (first.wait(0), second.wait(0)) == (None, None)
    assert third.wait(0).ahead == 1


def test_the_line_is_empty_when_all_have_left(people):
    line = RequestQueue(max_waiting=5)
    assert line.wait_until_empty(0)
    place = people.enter_context(line.joined())
    assert not line.wait_until_empty(0)
    threading.Timer(0.1, place.leave).start()
    assert line.wait_until_empty(30)


def test_a_place_can_be_left_before_its_context_ends():
    line = RequestQueue(max_waiting=5)
    with line.joined() as first, line.joined() as second:
        first.leave()
        assert second.wait(0) is None
