import shutil
import time
from collections import Counter
from contextlib import closing

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import connect

from tests.e2e.forked import serving_forked
from tests.e2e.voice_agent import Agent


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """One that nobody else uses, so that what it counts is known."""
    with serving_forked(tmp_path_factory.mktemp("own")) as server:
        yield server


def counted(server):
    """What /metrics has counted so far, by name and labels."""
    families = text_string_to_metric_families(httpx.get(f"{server.url}/metrics").text)
    samples = [sample for family in families for sample in family.samples]
    return Counter({(one.name, *one.labels.values()): one.value for one in samples})


def test_a_server_that_can_serve_says_so(server):
    assert httpx.get(f"{server.url}/healthz").json() == {"status": "up"}
    ready = httpx.get(f"{server.url}/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"model": "voxcpm-preview", "problems": []}


def test_a_server_that_nobody_uses_leaves_the_processor_alone(own_server):
    before = own_server.metric("process_cpu_seconds_total")
    time.sleep(5)
    assert own_server.metric("process_cpu_seconds_total") - before < 0.25


def test_a_server_that_cannot_write_is_not_ready_but_up(own_server):
    with own_server.unable_to_store():
        ready = httpx.get(f"{own_server.url}/readyz")
        assert ready.status_code == 503
        (problem,) = ready.json()["problems"]
        assert "cannot store speech now" in problem
        assert httpx.get(f"{own_server.url}/healthz").status_code == 200


def test_a_full_disk_is_told_at_once_and_all_works_again_when_there_is_room(small_disk):
    filling = small_disk / "filling"
    with (
        serving_forked(small_disk) as server,
        closing(Client(server.url, verbose=False)) as client,
    ):
        filling.write_bytes(bytes(shutil.disk_usage(small_disk).free - 2**20))
        hosted = httpx.post(f"{server.url}/voxcpm/v1/text-to-speech", json={"text": "Hello."})
        assert hosted.status_code == 500
        assert "its disk is full" in hosted.json()["message"]
        with pytest.raises(AppError, match="its disk is full"):
            client.predict("Hello.", api_name="/text-to-speech")
        assert httpx.get(f"{server.url}/readyz").status_code == 503
        assert server.made_files() == []
        filling.unlink()
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        client.predict("Hello.", api_name="/text-to-speech")
        assert len(server.made_files()) == 1


def test_every_door_is_counted_by_operation_and_status(own_server):
    url, before = own_server.url, counted(own_server)
    client = Client(url, verbose=False)
    client.predict("Hello.", api_name="/text-to-speech")
    with pytest.raises(AppError):
        client.predict("Hello.", "/etc/passwd", api_name="/voice-cloning")
    client.close()
    httpx.post(f"{url}/voxcpm/v1/text-to-speech", json={"text": "Hello."}, timeout=60)
    httpx.post(f"{url}/voxcpm/v1/voice-cloning", json={})
    httpx.post(f"{url}/v1/audio/speech", json={"model": "x", "input": "Hello."}, timeout=60)
    httpx.post(f"{url}/v1/audio/speech", json={"model": "x", "input": "", "speed": 2})
    with connect(f"{url.replace('http', 'ws')}/v1/audio/speech/stream") as socket:
        agent = Agent(socket)
        agent.say("session.config", voice="english-male-rms")
        agent.say("input.text", text="Hello.")
        agent.say("input.done")
        agent.hear(until="session.done")
        agent.say("session.config", voice="data:,no-voice")
        agent.say("input.text", text="Hello.")
        agent.say("input.done")
        agent.hear(until="session.done")

    new = counted(own_server) - before
    answers = {
        *[("gradio", "text-to-speech", "200"), ("gradio", "voice-cloning", "400")],
        *[("hosted", "text-to-speech", "200"), ("hosted", "voice-cloning", "400")],
        *[("openai", "text-to-speech", "200"), ("openai", "text-to-speech", "400")],
        *[("openai", "voice-cloning", "200"), ("openai", "voice-cloning", "400")],
    }
    requests = {key: times for key, times in new.items() if key[0] == "voxcpm_requests_total"}
    assert requests == {("voxcpm_requests_total", *answer): 1 for answer in answers}
    assert new["voxcpm_rtf_count",] == 4
    assert new["voxcpm_ttfa_seconds_count",] == 4
    assert new["voxcpm_audio_seconds_total",] > 1
    assert 0 < new["voxcpm_compute_seconds_total",] < 60
    assert own_server.metric("voxcpm_open_takes") == 0


def test_the_log_has_a_line_a_request_with_its_id_and_without_its_text(own_server):
    text = "A secret that belongs into no log."
    answer = httpx.post(
        f"{own_server.url}/voxcpm/v1/text-to-speech", json={"text": text}, timeout=60
    )
    line = f"request_id={answer.headers['X-Request-Id']} door=hosted operation=text-to-speech"
    assert f"{line} status=200" in own_server.log
    assert "secret" not in own_server.log


def test_a_program_that_leaves_a_gradio_call_ends_the_work(own_server):
    made = own_server.made_files()
    call = f"{own_server.url}/gradio_api/call/v2/text-to-speech"
    text = " ".join(["The train was late again."] * 30)
    event = httpx.post(call, json={"text": text, "dit_steps": 50}).json()["event_id"]
    with httpx.stream("GET", f"{call}/{event}", timeout=60):
        own_server.wait(lambda: own_server.metric("voxcpm_open_takes") == 1)
    own_server.wait(lambda: own_server.metric("voxcpm_open_takes") == 0)
    assert 'status="499"' in httpx.get(f"{own_server.url}/metrics").text
    assert own_server.made_files() == made
