"""Files elsewhere are fetched by our own fetcher, whichever way their URL comes."""

from contextlib import closing

import httpx
import pytest
from gradio import processing_utils
from gradio_client import Client, handle_file

from tests.e2e.agent import call_tool
from tests.e2e.server import LOOPBACK
from tests.sharing import shared

AT = "http://192.0.2.1/clip.wav"


@shared
def fetching(in_process, preview):
    with in_process(preview, reference_hosts=LOOPBACK) as server:
        yield server


@pytest.fixture
def fetched(monkeypatch):
    """URLs that Gradio has fetched by itself."""
    seen = []

    async def get(url, *_, **__):
        seen.append(url)
        raise AssertionError("Gradio fetches")

    monkeypatch.setattr(processing_utils, "async_ssrf_protected_get", get)
    return seen


def file_at(url):
    return {"path": url, "meta": {"_type": "gradio.FileData"}}


def answer_of(server, name, **values):
    call = f"{server.url}/gradio_api/call"
    event = httpx.post(f"{call}/v2/{name}", json=values).json()["event_id"]
    return httpx.get(f"{call}/{name}/{event}", timeout=60).text


@pytest.mark.parametrize(
    "value",
    [file_at(AT), {**file_at(AT), "url": AT}, [file_at(AT)], {"deep": [{"er": file_at(AT)}]}],
)
def test_gradio_fetches_nothing_for_a_program(fetching, fetched, value):
    said = answer_of(fetching, "voice-cloning", text="Hi.", reference_audio_url=value)
    assert "event: error" in said
    assert fetched == []


def test_gradio_fetches_nothing_for_an_agent(fetching, fetched):
    values = {"text": "Hi.", "reference_audio_url": file_at(AT)}
    call_tool(fetching, "voice_cloning", values)
    call_tool(fetching, "text_to_speech", {"text": "Hi.", "voice": file_at(AT)})
    assert fetched == []


def events_of_the_page(server):
    config = httpx.get(f"{server.url}/config").json()
    return [event for event in config["dependencies"] if event["backend_fn"] and event["inputs"]]


def test_gradio_fetches_nothing_for_the_page(fetching, fetched):
    """Whatever event of the page it is tried with."""
    events = events_of_the_page(fetching)
    assert len(events) > 20
    queue = f"{fetching.url}/gradio_api/queue"
    for event in events:
        asked = {
            "fn_index": event["id"],
            "session_hash": "elsewhere",
            "data": [file_at(AT)] * len(event["inputs"]),
        }
        assert httpx.post(f"{queue}/join", json=asked).status_code == 200
    with httpx.stream("GET", f"{queue}/data?session_hash=elsewhere", timeout=60) as told:
        ended = [line for line in told.iter_lines() if "process_completed" in line]
    assert len(ended) == len(events)
    assert fetched == []


def test_a_url_that_is_given_as_a_file_comes_to_our_own_fetcher(fetching, internet):
    with closing(Client(fetching.url, verbose=False)) as client:
        clip = handle_file(f"{internet}/english-male-rms.wav")
        answer = client.predict("Hi.", clip, dit_steps=1, api_name="/voice-cloning")
    assert answer["status"] == "done"


def test_our_own_fetcher_keeps_its_rules_for_it(fetching):
    """192.0.2.1 is nobody's (RFC 5737)."""
    said = answer_of(fetching, "voice-cloning", text="Hi.", reference_audio_url=file_at(AT))
    assert "The file could not be downloaded from its URL." in said
