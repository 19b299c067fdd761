"""A kept voice through the plain HTTP doors."""

import base64

import numpy as np
import pytest
from starlette.testclient import TestClient

from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.gate import Gate
from voxcpm_space.api.http_api import http_api
from voxcpm_space.api.service import SpeechService
from voxcpm_space.engine import EncodedReference
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio
from voxcpm_space.voices import Voice, voice_file

SPEAK, CLONE = "/voxcpm/v1/text-to-speech", "/voxcpm/v1/voice-cloning"
OPENAI = "/v1/audio/speech"


@pytest.fixture
def http(engine):
    access = Access(Settings(rate_limit=""))
    studio = Studio(Settings(asr_model=""), engine, Outputs(3600))
    api = http_api(SpeechService(studio, access))
    api.get_blocks = lambda: None  # Gradio's, beside which the routes stand
    with TestClient(Gate(api, access)) as client:
        yield client


@pytest.fixture
def voice(engine):
    """A data: URL."""
    latents = np.random.default_rng(1).standard_normal((32, 4, 64)).astype(np.float32)
    voice = Voice(EncodedReference(latents, latents), engine.status.model, transcript="Yes.")
    return "data:;base64," + base64.b64encode(voice_file(voice)).decode()


def test_both_operations_speak_with_it(http, voice, made_files):
    for path in (SPEAK, CLONE):
        answer = http.post(path, json={"text": "Hi.", "seed": 1, "dit_steps": 3, "voice": voice})
        assert answer.status_code == 200
        assert "X-Transcript" not in answer.headers
    spoken, cloned = (path.read_bytes() for path in made_files())
    assert spoken == cloned


def test_a_quality_is_heard_at_each_door(http, made_files):
    fields = {"input": "Hi.", "seed": 1, "response_format": "pcm"}
    for asked in ({}, {"quality": "draft"}):
        assert http.post(SPEAK, json={"text": "Hi.", "seed": 1} | asked).status_code == 200
        assert len(http.post(OPENAI, json=fields | asked).content) > 1000
    assert len({path.read_bytes() for path in made_files()}) == 2
    for path, text in ((SPEAK, "text"), (OPENAI, "input")):
        refused = http.post(path, json={text: "Hi.", "quality": "fast"})
        assert refused.status_code == 400
        assert "quality must be one of draft, standard, best" in refused.text


def test_openai_s_clients_name_it_by_its_data_url(http, voice):
    fields = {"model": "voxcpm2", "input": "Hi.", "response_format": "pcm"}
    answer = http.post(OPENAI, json=fields | {"voice": voice})
    assert answer.status_code == 200
    assert len(answer.content) > 1000
    refused = http.post(OPENAI, json=fields | {"voice": voice, "instructions": "sad"})
    assert refused.status_code == 400
    assert "takes no style" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        (SPEAK, {"voice": "data:,x"}, "not in the safetensors format"),
        (SPEAK, {"voice": "data:;base64,A"}, "base64 in this data: URL is damaged"),
        (SPEAK, {"voice": {"path": "/etc/passwd"}}, "voice must be an http(s) or data: URL"),
        (SPEAK, {"voice": {}}, "voice must be an http(s) or data: URL"),
        (SPEAK, {"voice": 0}, "voice must be an http(s) or data: URL"),
        (SPEAK, {"voice": "http://10.0.0.1/"}, "could not be downloaded"),
        (CLONE, {"voice": "x", "reference_audio_url": "y"}, "give voice or reference_audio_url"),
    ],
)
def test_what_is_no_voice_is_a_400_with_a_sentence(http, path, fields, sentence):
    answer = http.post(path, json={"text": "Hi."} | fields)
    assert answer.status_code == 400
    assert sentence in answer.json()["message"]


def test_the_document_describes_it(http):
    paths = http.get("/openapi.json").json()["paths"]

    def described(path):
        content = paths[path]["post"]["requestBody"]["content"]
        return content["application/json"]["schema"]["properties"]["voice"]

    assert "kept voice" in described(SPEAK)["description"]
    assert described(SPEAK) == described(CLONE)
    described_voice, _ = described(OPENAI)["anyOf"]  # or null
    names, urls = described_voice["anyOf"]
    assert "default" in names["enum"]
    assert "data" in urls["pattern"]
