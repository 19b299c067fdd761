import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from gradio_client.exceptions import AppError

from tests.zerogpu.space import LONG, QUICK, TEXT_TO_SPEECH

TAKEN_AWAY = "The GPU was taken away before the speech was finished. Please try again"


def heard(answer):
    body = answer.json()
    return httpx.get(body.get("output") or body["url"]).content


def served(space):
    return space.speak().status_code == 200


def wait_until_it_waits(process):
    """Waits until a process has not computed for a second."""

    def ticks():
        stat = Path(f"/proc/{process}/stat").read_text()
        return stat.rpartition(")")[2].split()[11:13]  # in user mode, in the kernel

    before = None
    while (now := ticks()) != before:
        before = now
        time.sleep(1)


def test_the_seed_decides_in_every_worker_anew(space):
    first, again, other = (heard(space.speak(seed=seed)) for seed in (1, 1, 2))
    space.api.reuses_workers = False
    fresh, fresh_other = (heard(space.speak(seed=seed)) for seed in (1, 2))
    assert first == again == fresh
    assert first != other == fresh_other


@pytest.mark.parametrize(
    ("voice", "transcript", "times"),
    [("english-male-rms", "", 1), ("scottish-male-awb", "Good morning.", 2)],
)
def test_a_clip_is_encoded_once_for_all_workers(any_space, voice, transcript, times):
    any_space.api.reuses_workers = False
    fields = {"reference_audio_url": voice, "prompt_text": transcript, "seed": 3}

    def encodings():
        return any_space.server.log.count("A clip is encoded.")

    before = encodings()
    first = heard(any_space.clone(**fields))
    assert encodings() == before + times
    assert heard(any_space.clone(**fields)) == first
    assert encodings() == before + times
    assert len(any_space.api.workers) == 2


def test_two_visitors_take_turns_on_one_gpu(space):
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda seed: space.speak(seed=seed), [1, 2]))
    assert space.api.queued == 1
    assert [answer.status_code for answer in answers] == [200, 200]
    assert heard(answers[0]) == heard(space.speak(seed=1))
    assert heard(answers[1]) == heard(space.speak(seed=2))


def test_two_gpus_serve_two_visitors_at_once(space):
    space.api.slots = 2
    with space.stream(LONG):
        assert served(space)
        assert space.api.busy
        assert space.api.queued == 0


def test_many_callers_at_once_are_all_served(space):
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(space.client())) for _ in range(8)]
        jobs = [
            client.submit(**QUICK, seed=seed, api_name="/text-to-speech")
            for seed, client in enumerate(clients)
        ]
        answers = [job.result(timeout=60) for job in jobs]
    assert len({httpx.get(answer["output"]).content for answer in answers}) == 8


def test_a_visitor_who_leaves_frees_the_gpu(space):
    before = space.server.made_files()
    minutes_of_work = {"text": LONG, "dit_steps": 50}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{space.server.url}{TEXT_TO_SPEECH}", json=minutes_of_work, timeout=2)
    space.api.wait_until(lambda api: api.released == [False], seconds=30)
    assert space.server.made_files() == before
    assert served(space)


def test_a_worker_that_is_killed_is_answered_and_the_next_call_works(space):
    before = space.server.made_files()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(space.speak, text=LONG)
        space.api.wait_until(lambda api: api.busy)
        space.api.kill_busy_workers()
        answer = answer.result()
    assert answer.status_code == 503
    assert TAKEN_AWAY in answer.json()["message"]
    assert space.server.made_files() == before
    assert served(space)


def test_a_worker_that_is_killed_in_the_middle_of_what_it_sends_is_noticed(space):
    space.api.reuses_workers = False  # an idle one counts before it has its task
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(space.speak, text=LONG)
        space.api.wait_until(lambda api: api.workers)
        with space.server.stopped():  # so nobody reads what it sends, until there is no more room
            wait_until_it_waits(*space.api.workers)
            space.api.kill_busy_workers()
        assert answer.result().status_code == 503
    assert served(space)


def test_a_request_that_outlasts_its_time_is_answered_and_the_next_call_works(space):
    before = space.server.made_files()
    space.api.kills_after = 0.5
    with pytest.raises(AppError, match=TAKEN_AWAY):
        space.predict("/text-to-speech", text=LONG)
    assert space.server.made_files() == before
    space.api.kills_after = None
    assert served(space)


def test_a_stream_whose_worker_is_killed_breaks_off(space):
    space.api.slots, space.api.reuses_workers = 2, False
    with space.stream(LONG) as response:
        pieces = response.iter_bytes()
        next(pieces)
        assert served(space)  # by a second worker, which lives on
        space.api.kill_busy_workers()
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)


def test_a_fault_in_a_worker_is_answered_without_internals_and_the_next_call_works(space):
    before = space.server.made_files()
    answer = space.speak(text="Fill the memory.")
    assert answer.status_code == 500
    assert "on our side" in answer.json()["message"]
    with pytest.raises(AppError, match="on our side") as error:
        space.predict("/text-to-speech", text="Fill the memory.")
    assert "emory" not in answer.text + str(error.value)
    assert "CUDA out of memory" in space.server.log
    assert space.api.released == [True, True]
    assert space.server.made_files() == before
    assert served(space)
