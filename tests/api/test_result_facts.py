"""What OpenAI's clients and the hosted API's are told of a clip, which is a part of an example."""

import pytest
from starlette.testclient import TestClient

from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.gate import Gate
from voxcpm_space.api.http_api import http_api
from voxcpm_space.api.service import SpeechService
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio

VOICE = "english-male-rms"


@pytest.fixture
def http(engine):
    settings = Settings(asr_model="", rate_limit="", max_reference_seconds=5)
    access = Access(settings)
    api = http_api(SpeechService(Studio(settings, engine, Outputs(3600)), access))
    api.get_blocks = lambda: None  # Gradio's, beside which the routes stand
    with TestClient(Gate(api, access)) as client:
        yield client


@pytest.mark.parametrize("stream_format", ["audio", "sse"])
def test_openai_s_clients_are_told_in_headers_before_the_audio_flows(http, stream_format):
    wanted = {"model": "voxcpm2", "input": "Hi.", "voice": VOICE, "stream_format": stream_format}
    headers = http.post("/v1/audio/speech", json=wanted).headers
    assert headers["X-Transcript"] == "none"
    assert "s of the clip those from" in headers["X-Warnings"]
    wanted["voice"] = "default"
    assert {"X-Transcript", "X-Warnings"}.isdisjoint(
        http.post("/v1/audio/speech", json=wanted).headers
    )


def test_both_doors_say_the_same(http):
    wanted = {"model": "voxcpm2", "input": "Hi.", "voice": VOICE}
    streamed = http.post("/v1/audio/speech", json=wanted).headers
    wanted = {"text": "Hi.", "reference_audio_url": VOICE, "dit_steps": 1}
    whole = http.post("/voxcpm/v1/voice-cloning", json=wanted).headers
    for header in ("X-Transcript", "X-Warnings"):
        assert streamed[header] == whole[header]
