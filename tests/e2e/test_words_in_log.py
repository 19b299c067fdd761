"""What people write is in no line of the log, whichever door it comes by and whatever fails."""

import json
import re
from contextlib import closing

import httpx
import openai
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.e2e.agent import call_tool, with_session
from tests.sharing import shared
from voxcpm_space.studio import Studio

WORD = "Zyzzogeton"
SPEAK, CLONE = "/voxcpm/v1/text-to-speech", "/voxcpm/v1/voice-cloning"
QUEUE = "/gradio_api/queue"


@shared
def discreet(in_process, engine):
    with in_process(engine) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_logged(discreet, capfd):
    yield
    out, err = capfd.readouterr()
    assert WORD not in discreet.log
    assert WORD not in out
    assert WORD not in err


@pytest.fixture
def broken(monkeypatch):
    """A fault of ours whose message has the text."""

    def fail(*_, **__):
        raise KeyError(WORD) from ValueError(f"the text was {WORD}")

    monkeypatch.setattr(Studio, "speak", fail)


def post(server, path, **options):
    return httpx.post(server.url + path, timeout=60, **options)


def called(server, name, **values):
    """What a call by names answers, at once or when it has run."""
    call = f"{server.url}/gradio_api/call"
    begun = httpx.post(f"{call}/v2/{name}", json=values)
    if begun.status_code != 200:
        return begun.json()["message"]
    event = begun.json()["event_id"]
    said = httpx.get(f"{call}/{name}/{event}", timeout=60).text
    return json.loads(said.partition("data: ")[2])


def of_the_page(server, values):
    """What all events of the page answer to these values."""
    config = httpx.get(f"{server.url}/config").json()
    events = [each for each in config["dependencies"] if each["backend_fn"] and each["inputs"]]
    for event in events:
        data = values(len(event["inputs"]))
        asked = {"fn_index": event["id"], "session_hash": WORD, "data": data}
        assert post(server, f"{QUEUE}/join", json=asked).status_code == 200
    with httpx.stream("GET", f"{server.url}{QUEUE}/data?session_hash={WORD}", timeout=60) as told:
        ended = [line for line in told.iter_lines() if "process_completed" in line]
    assert len(ended) == len(events) > 20
    return [json.loads(line.removeprefix("data: "))["output"] for line in ended]


def test_too_few_values_are_told_by_their_number(discreet):
    call = f"{discreet.url}/gradio_api/call/text-to-speech"
    event = httpx.post(call, json={"data": [WORD]}).json()["event_id"]
    said = httpx.get(f"{call}/{event}", timeout=60).text
    error = json.loads(said.partition("data: ")[2])["error"]
    assert re.fullmatch(r"This takes \d+ values, and 1 came: see /gradio_api/info\.", error)


def test_too_few_values_for_an_event_of_the_page_are_told(discreet):
    told = of_the_page(discreet, lambda count: [WORD] * (count - 1))
    assert all("came: see /gradio_api/info" in each["error"] for each in told)


@pytest.mark.parametrize(
    "value", [{"path": f"/{WORD}", "meta": {"_type": "gradio.FileData"}}, {WORD: [WORD]}, WORD]
)
def test_values_of_another_kind_are_told(discreet, value):
    told = of_the_page(discreet, lambda count: [value] * count)
    assert all(each["error"] for each in told if "error" in each)


def test_a_name_or_value_that_no_endpoint_has_is_told(discreet):
    assert called(discreet, WORD, text=WORD).startswith("There is no such endpoint here")
    said = called(discreet, "text-to-speech", text=WORD, nonsense=WORD)
    assert said.startswith("There is no such endpoint here, or it does not take these values.")
    answer = post(discreet, f"/gradio_api/call/{WORD}", json={"data": [WORD]})
    assert answer.status_code == 400
    for index in (99_999, WORD):
        asked = {"fn_index": index, "session_hash": WORD, "data": [WORD]}
        assert post(discreet, f"{QUEUE}/join", json=asked).status_code in {400, 422}


@pytest.mark.parametrize("path", [SPEAK, CLONE, "/v1/audio/speech", f"{QUEUE}/join"])
@pytest.mark.parametrize("body", [f'{{"text": "{WORD}', f'"{WORD}"', f'{{"{WORD}": "{WORD}"}}'])
def test_a_body_that_cannot_be_read_is_told(discreet, path, body):
    assert post(discreet, path, content=body).status_code in {400, 422}


@pytest.mark.parametrize(
    "fields", [{"cfg_value": WORD}, {"seed": WORD}, {"voice": WORD}, {WORD: 1}, {}]
)
def test_what_is_wrong_with_a_field_is_told_through_every_door(discreet, fields):
    values = {"text": WORD, "dit_steps": 1, **fields}
    post(discreet, SPEAK, json=values)
    post(discreet, CLONE, json={**values, "reference_audio_url": f"http://127.0.0.1/{WORD}"})
    post(discreet, "/v1/audio/speech", json={"model": "x", "input": WORD, **fields})
    called(discreet, "text-to-speech", **values)
    call_tool(discreet, "text_to_speech", values)


@pytest.mark.usefixtures("broken")
def test_a_fault_of_ours_is_logged_by_its_place(discreet):
    assert post(discreet, SPEAK, json={"text": WORD}).status_code == 500
    assert "Something went wrong" in called(discreet, "text-to-speech", text=WORD)["error"]
    assert "Something went wrong" in call_tool(discreet, "text_to_speech", {"text": WORD})
    with closing(Client(discreet.url, verbose=False)) as client, pytest.raises(AppError):
        client.predict(WORD, api_name="/text-to-speech")
    options = {"base_url": f"{discreet.url}/v1", "api_key": "none", "max_retries": 0}
    with openai.OpenAI(**options) as client, pytest.raises(openai.InternalServerError):
        client.audio.speech.create(model="x", voice="default", input=WORD)
    assert "in fail" in discreet.log
    assert "builtins.KeyError" in discreet.log


def test_an_agent_that_asks_for_what_is_not_there_is_told(discreet):
    call_tool(discreet, WORD, {"text": WORD})
    assert "rror" in call_tool(discreet, "text_to_speech", {WORD: WORD})
    with_session(discreet, lambda session: session.list_tools())
    mcp = "/gradio_api/mcp/"
    both = {"Accept": "application/json, text/event-stream"}
    for body in (f"{{{WORD}", f'{{"jsonrpc": "2.0", "id": 1, "method": "{WORD}"}}', f'["{WORD}"]'):
        post(discreet, mcp, content=body, headers=both | {"Content-Type": "application/json"})
    post(discreet, f"{mcp}messages/?session_id={WORD}", content=WORD)


def test_addresses_tell_nothing(discreet):
    for path in (f"/{WORD}", f"/speech/{WORD}", f"/gradio_api/file={WORD}", f"/live/{WORD}"):
        assert httpx.get(discreet.url + path).status_code == 404
    ended = httpx.get(f"{discreet.url}{QUEUE}/data?session_hash={WORD}-2", timeout=60)
    assert ended.is_success
    httpx.get(f"{discreet.url}/gradio_api/upload_progress?upload_id={WORD}")
    post(discreet, "/gradio_api/upload", content=WORD)
    post(discreet, "/gradio_api/upload", files={"files": (f"{WORD}.wav", WORD)})
    post(discreet, "/gradio_api/cancel", json={"session_hash": WORD, "event_id": WORD})
    post(discreet, "/gradio_api/reset", json={"event_id": WORD})
