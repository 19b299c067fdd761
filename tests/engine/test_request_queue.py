import threading
from contextlib import ExitStack

import pytest

from voxcpm_space.engine import request_queue
from voxcpm_space.engine.request_queue import RequestQueue
from voxcpm_space.errors import BusyError


@pytest.fixture
def people():
    """Joins lines, and leaves them when the test is over."""
    with ExitStack() as stack:
        yield stack


def test_the_first_has_its_turn_and_the_others_are_told_how_many_come_first(people):
    queue = RequestQueue(max_waiting=5)
    first, second, third = (people.enter_context(queue.slot()) for _ in range(3))
    assert first.wait(0) is None
    assert second.wait(0).ahead == 1
    assert third.wait(0).ahead == 2
    assert third.wait(0).seconds > second.wait(0).seconds > 0


def test_who_leaves_hands_the_turn_to_who_came_next_whoever_asks_first():
    queue = RequestQueue(max_waiting=5)
    came = []

    def request(number, joined):
        with queue.slot() as slot:
            joined.set()
            while slot.wait(1):
                pass
            came.append(number)

    threads = []
    with queue.slot():
        for number in range(5):
            joined = threading.Event()
            threads.append(threading.Thread(target=request, args=(number, joined)))
            threads[-1].start()
            joined.wait()
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]


def test_who_gives_up_while_waiting_holds_up_nobody(people):
    queue = RequestQueue(max_waiting=5)
    first = people.enter_context(queue.slot())
    with queue.slot():
        third = people.enter_context(queue.slot())
        assert third.wait(0).ahead == 2
    assert third.wait(0).ahead == 1
    assert first.wait(0) is None


def test_a_full_line_refuses_and_says_when_to_come_again(people):
    queue = RequestQueue(max_waiting=1)
    people.enter_context(queue.slot())
    waiting = queue.slot()
    waiting.__enter__()
    with pytest.raises(BusyError, match=r"line is full.*try again in \d+ s") as refusal:
        people.enter_context(queue.slot())
    assert refusal.value.status == 429
    assert refusal.value.headers == {"Retry-After": str(refusal.value.retry_after)}
    waiting.__exit__(None, None, None)
    people.enter_context(queue.slot())


def test_the_estimate_follows_the_requests_that_were_made(people):
    queue = RequestQueue(max_waiting=5)
    for _ in range(20):
        with queue.slot() as slot:
            slot.wait(0)
    people.enter_context(queue.slot())
    assert people.enter_context(queue.slot()).wait(0).seconds < 0.5


def test_the_estimate_goes_by_what_is_said_before_and_shrinks_while_it_is(people, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(request_queue.time, "monotonic", lambda: now[0])
    queue = RequestQueue(max_waiting=5)
    for _ in range(30):  # of which each second of speech takes half a second
        with queue.slot(4.0) as slot:
            slot.wait(0)
            now[0] += 2
    first = people.enter_context(queue.slot(20.0))
    first.wait(0)
    people.enter_context(queue.slot(6.0))
    third = people.enter_context(queue.slot(1.0))
    assert third.wait(0).seconds == pytest.approx(10 + 3, abs=0.1)
    now[0] += 8
    assert third.wait(0).seconds == pytest.approx(2 + 3, abs=0.1)
    now[0] += 8
    assert third.wait(0).seconds == pytest.approx(3, abs=0.1)  # the first one takes longer


def test_several_can_have_their_turn_at_once(people):
    queue = RequestQueue(max_waiting=5, concurrency=2)
    first, second, third = (people.enter_context(queue.slot()) for _ in range(3))
    assert (first.wait(0), second.wait(0)) == (None, None)
    assert third.wait(0).ahead == 1


def test_the_line_is_empty_when_all_have_left(people):
    queue = RequestQueue(max_waiting=5)
    assert queue.wait_until_empty(0)
    slot = people.enter_context(queue.slot())
    assert not queue.wait_until_empty(0)
    threading.Timer(0.1, slot.release).start()
    assert queue.wait_until_empty(30)


def test_a_place_can_be_left_before_its_context_ends():
    queue = RequestQueue(max_waiting=5)
    with queue.slot() as first, queue.slot() as second:
        first.release()
        assert second.wait(0) is None
