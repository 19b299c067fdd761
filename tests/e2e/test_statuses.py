"""Every status code that the documentation names is given by the server."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.accounts import AccountsFile
from tests.e2e.server import ROOT
from tests.fake_hub import FakeHub
from tests.sharing import shared
from tests.vllm_omni_standin import VLLMOmniStandIn
from voxcpm_space.api.openapi import ANSWERS
from voxcpm_space.engine import Engine, Phase
from voxcpm_space.engine.checkpoint import HUB_ID
from voxcpm_space.settings import Settings

DOCUMENTED = (ROOT / "docs" / "api.md").read_text("utf-8")


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    accounts = AccountsFile(tmp_path_factory.mktemp("accounts"))
    accounts.key = accounts.add("ann")
    return accounts


@shared
def hub(tiny_checkpoint):
    with FakeHub(HUB_ID, tiny_checkpoint, held=True) as hub:
        yield hub


@shared
def loading(hub, tmp_path_factory):
    """An engine whose model is still on its way."""
    engine = Engine(Settings(max_waiting=1))
    with pytest.MonkeyPatch.context() as patch:
        hub.use(patch, tmp_path_factory.mktemp("hub"))
        thread = threading.Thread(target=engine.load)
        thread.start()
        yield engine
        hub.release()
        thread.join()
        engine.stop(grace_seconds=0)


@shared
def waiting_server(in_process, loading, accounts):
    """A closed server without a model yet."""
    with in_process(loading, accounts=accounts.path) as server:
        yield server


@pytest.fixture
def ready(waiting_server, loading, hub):
    hub.release()
    waiting_server.wait(lambda: loading.status.phase is Phase.READY)
    return waiting_server


def post(server, key, **fields):
    fields = {"text": "Hello.", "dit_steps": 1} | fields
    headers = {"Ocp-Apim-Subscription-Key": key} if key else {}
    url = f"{server.url}/voxcpm/v1/text-to-speech"
    return httpx.post(url, json=fields, headers=headers, timeout=60)


def expect(response, status):
    """Holds an answer to its status and the hosted API's shape."""
    assert response.status_code == status, response.text
    if status != 200:
        assert response.json()["statusCode"] == status
        assert response.json()["message"].endswith((".", "s."))


def test_503(waiting_server, hub, accounts):
    hub.wait_for_a_download()
    expect(post(waiting_server, accounts.key), 503)


def test_200(ready, accounts):
    expect(post(ready, accounts.key), 200)


def test_400(ready, accounts):
    expect(post(ready, accounts.key, text=""), 400)


def test_401(ready):
    expect(post(ready, ""), 401)


def test_402(ready, accounts):
    key = accounts.add("poor", "--seconds", "0")
    expect(post(ready, key), 402)


def test_403(ready, accounts):
    key = accounts.add("cloner", "--unlimited", "--operation", "voice-cloning")
    expect(post(ready, key), 403)


def test_429(ready, accounts):
    key = accounts.add("hasty", "--unlimited", "--requests-per-minute", "1")
    expect(post(ready, key), 200)
    expect(post(ready, key), 429)
    with ThreadPoolExecutor(8) as callers:
        fields = {"text": "One more word. " * 10, "dit_steps": 50}
        answers = callers.map(lambda _: post(ready, accounts.key, **fields), range(8))
    full = next(answer for answer in answers if answer.status_code != 200)
    expect(full, 429)
    assert "The waiting line is full" in full.json()["message"]
    assert int(full.headers["Retry-After"]) > 0


def test_500(ready, accounts):
    with ready.unable_to_store():
        expect(post(ready, accounts.key), 500)


def test_504(in_process, accounts):
    server = VLLMOmniStandIn()
    server.behave = lambda _: asyncio.sleep(600)
    engine = Engine(Settings(engine_url=server.url, stall_seconds=1))
    engine.load()
    try:
        with in_process(engine, accounts=accounts.path, engine_url=server.url) as silent:
            expect(post(silent, accounts.key, dit_steps=10), 504)
            refused = post(silent, accounts.key, dit_steps=5)
            expect(refused, 400)
            assert "dit_steps must be 10," in refused.json()["message"]
    finally:
        engine.stop(grace_seconds=0)
        server.stop()


def test_the_documentation_and_this_file_name_all_statuses():
    table = "\n".join(f"| {status} | {when} |" for status, when in ANSWERS.items())
    assert f"|-|-|\n{table}\n\n" in DOCUMENTED
    assert {f"test_{status}" for status in ANSWERS} <= globals().keys()
