"""The official openai package against our endpoint, with only base URL and key changed."""

import base64
import io
import json

import httpx
import numpy as np
import openai
import pytest
import soundfile

from tests.listening import level_dbfs, median_f0

TEXT = "The train was late again. We have to wait here for a while."
LONG = " ".join(["The train was late again."] * 30)


@pytest.fixture
def client(server):
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="unused", max_retries=0) as client:
        yield client


def speak(client, **fields):
    return client.audio.speech.create(
        **{"model": "voxcpm2", "voice": "default", "input": TEXT} | fields
    )


@pytest.mark.parametrize(
    ("response_format", "media_type", "start"),
    [
        ("mp3", "audio/mpeg", (b"ID3", b"\xff\xfb")),
        ("opus", "audio/ogg", (b"OggS",)),
        ("aac", "audio/aac", (b"\xff\xf1",)),
        ("flac", "audio/flac", (b"fLaC",)),
        ("wav", "audio/wav", (b"RIFF",)),
    ],
)
def test_every_container_is_what_its_name_says(client, response_format, media_type, start):
    answer = speak(client, response_format=response_format)
    assert answer.response.headers["Content-Type"] == media_type
    assert answer.content.startswith(start)
    assert answer.response.headers["X-Request-Id"]


def test_mp3_is_the_default_and_can_be_heard(client):
    samples, sample_rate = soundfile.read(io.BytesIO(speak(client).content), dtype="float32")
    assert sample_rate == 48_000
    assert 1 < len(samples) / sample_rate < 8
    assert level_dbfs(samples) > -35


def test_pcm_is_16_bit_at_48_khz(client):
    samples = np.frombuffer(speak(client, response_format="pcm").content, "<i2") / 2**15
    assert 1 < len(samples) / 48_000 < 8
    assert level_dbfs(samples.astype(np.float32)) > -35


def test_an_example_clip_is_a_voice_with_its_pitch(client):
    names = httpx.get(f"{client.base_url}audio/voices").json()["voices"]
    assert {"default", "english-female-slt"} <= set(names)
    answer = speak(client, voice="english-female-slt", response_format="pcm")
    samples = np.frombuffer(answer.content, "<i2") / 2**15
    assert median_f0(samples, 48_000) == pytest.approx(169, rel=0.15)


def test_audio_flows_while_it_is_being_made(client, server):
    before = server.made_files()
    with client.audio.speech.with_streaming_response.create(
        model="voxcpm2", voice="default", input=LONG, response_format="pcm"
    ) as answer:
        first = next(answer.iter_bytes(1024))
        assert server.made_files() == before  # the request is not finished yet
    assert len(first) == 1024


def test_a_client_that_leaves_in_the_middle_ends_the_work(client, server):
    before = server.made_files()
    with client.audio.speech.with_streaming_response.create(
        model="voxcpm2", voice="default", input=LONG, response_format="pcm"
    ) as answer:
        next(answer.iter_bytes(1024))
    speak(client, input="Hi.")
    assert len(server.made_files()) == len(before) + 1


def test_server_sent_events_carry_the_audio(server):
    fields = {"model": "voxcpm2", "input": TEXT, "response_format": "pcm", "stream_format": "sse"}
    answer = httpx.post(f"{server.url}/v1/audio/speech", json=fields, timeout=60)
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line]
    assert events[-1] == {"type": "speech.audio.done"}
    assert {event["type"] for event in events[:-1]} == {"speech.audio.delta"}
    pcm = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert len(pcm) > 48_000


def test_the_model_that_speaks_is_listed(client):
    assert [model.id for model in client.models.list()] == ["voxcpm-preview"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"input": ""}, "The text is empty"),
        ({"input": "x" * 20_001}, "The text has 20,001 characters"),
        ({"voice": "alloy"}, "There is no voice of the name alloy. There are: english-male"),
        ({"speed": 1.5}, "speed must be 1"),
        ({"response_format": "midi"}, "response_format must be mp3 or opus or aac"),
        ({"instructions": "x" * 301}, "The voice description has 301 characters"),
        ({"extra_body": {"pitch": 2}}, "'pitch' is not a parameter"),
    ],
)
def test_bad_input_is_openai_s_bad_request_with_a_sentence(client, server, fields, sentence):
    before = server.made_files()
    with pytest.raises(openai.BadRequestError) as refusal:
        speak(client, **fields)
    assert sentence in refusal.value.body["message"]
    assert server.made_files() == before
