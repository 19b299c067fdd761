"""The end of a server, and of its model: nobody is left without an answer, and nothing stays."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import expect

from tests.e2e.test_page import Tab

SPEAK = "/voxcpm/v1/text-to-speech"
SOME_SECONDS = {"text": " ".join(["The train was late again."] * 3), "seed": 1}
MINUTES = {"text": " ".join(["The train was late again."] * 150), "dit_steps": 50}


def ready(server):
    return server.wait_for_page().wait_until_ready()


@pytest.fixture
def pool():
    with ThreadPoolExecutor() as pool:
        yield pool


def speak(server, fields):
    return httpx.post(server.url + SPEAK, json=fields, timeout=120)


def predict(server, fields):
    client = Client(server.url, verbose=False)
    try:
        return client.predict(**fields, api_name="/text-to-speech")
    finally:
        client.close()


def wait_until_speaking(server):
    before = server.metric("voxcpm_compute_seconds_total")
    server.wait(lambda: server.metric("voxcpm_compute_seconds_total") > before)


def model_of(server):
    """The process id of the server's model."""
    (model,) = (pid for pid in children(server.pid) if "spawn_main" in command(pid))
    return model


def children(pid):
    of_threads = [each.read_text().split() for each in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for child in chain.from_iterable(of_threads)]


def command(pid):
    return Path(f"/proc/{pid}/cmdline").read_text()


def is_running(pid):
    return Path(f"/proc/{pid}").exists()


def test_a_lost_model_is_answered_through_every_door_and_comes_back(start, pool):
    server = ready(start(VOXCPM_MODEL="preview", VOXCPM_STALL_SECONDS="4"))
    answers = []
    for ask, fault in ((speak, signal.SIGKILL), (predict, signal.SIGSTOP)):  # crash, standstill
        answers.append(pool.submit(ask, server, MINUTES))
        wait_until_speaking(server)
        os.kill(model_of(server), fault)
        server.wait(answers[-1].done)
    answer, failure = answers[0].result(), answers[1].exception()
    assert answer.status_code == 503
    assert "The model stopped working" in answer.json()["message"]
    assert isinstance(failure, AppError)
    assert "The model stopped working" in str(failure)
    assert speak(server, {"text": "It is back."}).status_code == 200
    assert httpx.get(f"{server.url}/readyz").status_code == 200
    assert len(server.made_files()) == 1
    children_before = children(server.pid)
    server.stop()
    server.wait_until(lambda: not any(map(is_running, children_before)))
    assert "Traceback" not in server.log
    assert "leaked semaphore" not in server.log


def test_a_server_that_is_told_to_end_finishes_its_requests_and_refuses_new_ones(start_fork, pool):
    server = ready(start_fork(VOXCPM_MODEL="preview", VOXCPM_GRACE_SECONDS="60"))
    children_before = children(server.pid)
    running = pool.submit(speak, server, SOME_SECONDS), pool.submit(predict, server, SOME_SECONDS)
    server.wait(lambda: server.metric("voxcpm_open_takes") == 2)
    server.tell_to_end()
    server.wait(lambda: httpx.get(f"{server.url}/readyz").status_code == 503)
    refused = speak(server, SOME_SECONDS)
    assert refused.status_code == 503
    assert "stopping" in refused.json()["message"]
    urls = [running[0].result().json()["output"], running[1].result()["output"]]
    assert len({httpx.get(url).content for url in urls}) == 1  # both with the same seed
    assert server.wait_for_exit() == 0
    server.wait_until(lambda: not any(map(is_running, children_before)))
    assert server.made_files() == []
    assert "Traceback" not in server.log


def test_a_server_ends_whichever_of_its_threads_is_given_the_signal(start_fork, tiny_checkpoint):
    server = ready(start_fork(VOXCPM_MODEL=str(tiny_checkpoint), VOXCPM_GRACE_SECONDS="0"))
    threads = [int(each.name) for each in Path(f"/proc/{server.pid}/task").iterdir()]
    os.kill(max(threads), signal.SIGTERM)  # by the id of a thread, which then is the first choice
    assert server.wait_for_exit() == 0


def test_requests_that_outlast_the_grace_are_answered_and_leave_nothing(start_fork, pool, browser):
    server = ready(start_fork(VOXCPM_MODEL="preview", VOXCPM_GRACE_SECONDS="1"))
    children_before = children(server.pid)
    page = browser.new_page()
    page.goto(server.url)
    tab = Tab(page, "Text to Speech")
    tab.type(MINUTES["text"])
    tab.take_long()
    tab.generate()
    wait_until_speaking(server)
    running = pool.submit(speak, server, MINUTES)
    server.wait(lambda: server.metric("voxcpm_open_takes") == 2)
    server.tell_to_end()
    expect(tab.result.get_by_text("The server is stopping")).to_be_visible()
    expect(tab.result.get_by_text("This is a part")).to_be_visible()
    page.close()
    assert running.result().status_code == 503
    assert "stopping" in running.result().json()["message"]
    assert server.wait_for_exit() == 0
    server.wait_until(lambda: not any(map(is_running, children_before)))
    assert server.made_files() == []
    assert "Traceback" not in server.log


def test_a_model_whose_application_is_killed_ends_too(start):
    server = ready(start(VOXCPM_MODEL="preview"))
    model = model_of(server)
    os.kill(server.pid, signal.SIGKILL)
    server.wait_for_exit()
    server.wait_until(lambda: not is_running(model))
