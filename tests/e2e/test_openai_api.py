"""The official openai package against our endpoint, with only base URL and key changed."""

import asyncio
import base64
import io
import json

import httpx
import numpy as np
import openai
import pytest
import soundfile

from tests.listening import level_dbfs, median_f0
from tests.sharing import shared
from voxcpm_space.reference.decode import decode

TEXT = "The train was late again. We have to wait here for a while."
LONG = " ".join(["The train was late again."] * 30)


@shared
def for_openai(in_process, engine):
    with in_process(engine) as server:
        yield server


@shared
def heard(in_process, preview):
    """The application with a voice, for tests that listen."""
    with in_process(preview) as server:
        yield server


@pytest.fixture
def server(request, for_openai):
    return request.getfixturevalue("heard") if "heard" in request.fixturenames else for_openai


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


@pytest.mark.usefixtures("heard")
def test_mp3_is_the_default_and_can_be_heard(client):
    samples, sample_rate = soundfile.read(io.BytesIO(speak(client).content), dtype="float32")
    assert sample_rate == 48_000
    assert 1 < len(samples) / sample_rate < 8
    assert level_dbfs(samples) > -35


def heard_pcm(answer):
    return np.frombuffer(answer.content, "<i2") / 2**15


@pytest.mark.usefixtures("heard")
def test_pcm_is_16_bit_at_openai_s_24_khz_unless_another_rate_is_asked_for(client):
    answer = speak(client, response_format="pcm", voice="english-female-slt")
    assert answer.response.headers["Content-Type"] == "audio/pcm;rate=24000"
    assert median_f0(heard_pcm(answer), 24_000) == pytest.approx(169, rel=0.15)
    other = speak(client, response_format="pcm", extra_body={"sample_rate": 16_000, "seed": 3})
    assert other.response.headers["Content-Type"] == "audio/pcm;rate=16000"
    same = speak(client, response_format="wav", extra_body={"sample_rate": 16_000, "seed": 3})
    assert same.content[44:] == other.content


@pytest.mark.usefixtures("heard")
def test_soundfile_and_wave_read_what_is_streamed(client):
    for response_format in ("wav", "flac"):
        answer = speak(client, response_format=response_format)
        samples, sample_rate = soundfile.read(io.BytesIO(answer.content))
        assert sample_rate == 48_000
        assert 1 < len(samples) / sample_rate < 8


@pytest.mark.parametrize("voice", ["alloy", "Nova", {"id": "ash"}])
def test_for_openai_s_own_voices_the_default_one_speaks_and_says_so(client, voice):
    wanted = {"response_format": "pcm", "input": "Hello.", "extra_body": {"seed": 3}}
    answer = speak(client, voice=voice, **wanted)
    assert "the default one speaks" in answer.response.headers["X-Warnings"]
    assert answer.content == speak(client, **wanted).content


def test_a_voice_can_be_an_object_with_its_id(client):
    wanted = {"response_format": "pcm", "input": "Hello.", "extra_body": {"seed": 3}}
    by_id = speak(client, voice={"id": "english-male-rms"}, **wanted)
    assert by_id.content == speak(client, voice="english-male-rms", **wanted).content


def test_fields_that_are_not_known_are_named_and_the_text_is_spoken(server):
    fields = {"input": "Hi.", "stream": True, "user": "me", "backend": "x\n", "language": None}
    answer = httpx.post(f"{server.url}/v1/audio/speech", json=fields, timeout=60)
    assert answer.status_code == 200
    named = "Not used, since they are unknown here: 'backend', 'stream', 'user'."
    assert answer.headers["X-Warnings"] == named


KEYED = {"Authorization": "Bearer sk-unused", "Content-Type": "application/json"}
NO_ALLOY = "There is no voice 'alloy' here: the default one speaks."


@pytest.mark.usefixtures("heard")
def test_open_webui_finds_models_and_voices_and_speaks(server):
    """`routers/audio.py`: lists without a key, then what its page and its settings want."""
    url = f"{server.url}/v1"
    models = httpx.get(f"{url}/audio/models").json()["models"]
    assert [model["id"] for model in models] == ["voxcpm-preview"]
    voices = httpx.get(f"{url}/audio/voices").json()["voices"]
    assert "default" in {voice["id"]: voice["name"] for voice in voices}
    fields = {"input": TEXT, "voice": "alloy", "model": "tts-1"} | {"custom": {"a": 1}, "speed": 1}
    told = KEYED | {"X-OpenWebUI-User-Name": "Ann", "X-OpenWebUI-User-Id": "1"}
    answer = httpx.post(f"{url}/audio/speech", json=fields, headers=told, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/mpeg")
    assert answer.headers["X-Warnings"].startswith(NO_ALLOY)


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        (
            {"model": "tts-1", "voice": "alloy", "backend": "openai"},
            f"{NO_ALLOY} Not used, since they are unknown here: 'backend'.",
        ),
        ({"model": "alloy"}, None),  # its LocalAI provider names the voice there
    ],
)
def test_librechat_is_spoken_to_whole_and_in_parts_of_1000_characters(server, fields, warning):
    """`TTSService.js`: what is undefined is left out, and the parts are one MP3 to a browser."""
    url = f"{server.url}/v1/audio/speech"
    parts = [
        httpx.post(url, json={"input": text, **fields}, headers=KEYED, timeout=60)
        for text in (TEXT, "And one more.")
    ]
    assert {part.headers["Content-Type"] for part in parts} == {"audio/mpeg"}
    assert {part.headers.get("X-Warnings") for part in parts} == {warning}
    heard = [len(decode(part.content).samples) for part in parts]
    together = len(decode(b"".join(part.content for part in parts)).samples)
    assert together == pytest.approx(sum(heard), rel=0.05)


async def streamed(server, **fields):
    """As LiveKit and Pipecat ask, by openai's streamed answer; gives audio and media type."""
    async with (
        openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="unused", max_retries=0) as client,
        client.audio.speech.with_streaming_response.create(input=TEXT, **fields) as answer,
    ):
        pieces = [piece async for piece in answer.iter_bytes()]
        return b"".join(pieces), answer.headers["Content-Type"]


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    "chosen", [{"instructions": openai.NOT_GIVEN}, {"instructions": "Calm", "speed": 1.25}]
)
def test_livekit_hears_mp3_as_it_flows(server, chosen):
    fields = {"model": "gpt-4o-mini-tts", "voice": "ash", "response_format": "mp3", "speed": 1.0}
    audio, media_type = asyncio.run(streamed(server, **fields | chosen))
    samples, _ = soundfile.read(io.BytesIO(audio))
    assert media_type == "audio/mpeg"
    assert len(samples) / 48_000 > 1


def test_livekit_warms_up_by_a_path_that_is_not_there(server):
    assert httpx.get(f"{server.url}/v1/", headers=KEYED).status_code == 404


@pytest.mark.usefixtures("heard")
def test_pipecat_hears_pcm_at_24_khz(server):
    fields = {"model": "gpt-4o-mini-tts", "voice": "alloy", "response_format": "pcm"}
    audio, media_type = asyncio.run(streamed(server, **fields))
    assert media_type == "audio/pcm;rate=24000"
    assert 1 < len(audio) / 2 / 24_000 < 8


def test_null_is_a_field_s_default(server):
    names = ["voice", "instructions", "response_format", "speed", "stream_format", "seed"]
    fields = {"model": "tts-1", "input": "Hi."} | dict.fromkeys([*names, "sample_rate"])
    answer = httpx.post(f"{server.url}/v1/audio/speech", json=fields, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/mpeg")
    assert "X-Warnings" not in answer.headers


def test_speed_changes_the_time_and_not_the_pitch(client):
    wanted = {"response_format": "pcm", "extra_body": {"seed": 3}, "voice": "english-female-slt"}
    usual = heard_pcm(speak(client, **wanted))
    for speed in (0.5, 2):
        other = heard_pcm(speak(client, speed=speed, **wanted))
        assert len(other) == pytest.approx(len(usual) / speed, rel=0.05)
        assert median_f0(other, 24_000) == pytest.approx(median_f0(usual, 24_000), rel=0.05)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("length", [300, 2_000])
def test_instructions_of_many_sentences_are_no_part_of_what_is_heard(client, length):
    sentences = "Tone: warm and refined, with gentle pauses. Emotion: cheerful, supportive. " * 30
    wanted = {"response_format": "pcm", "input": "Hello there.", "extra_body": {"seed": 3}}
    told = heard_pcm(speak(client, instructions=sentences[:length], **wanted))
    assert len(told) == pytest.approx(len(heard_pcm(speak(client, **wanted))), rel=0.5)


def test_verbose_json_says_when_each_sentence_is_heard(client):
    answer = speak(client, response_format="verbose_json", speed=2)
    spoken = json.loads(answer.content)
    first, second = spoken["segments"]
    assert (first["text"].strip(), first["id"]) == ("The train was late again.", 0)
    assert 0 <= first["start"] < first["end"] <= second["start"] < second["end"]
    assert second["end"] <= spoken["duration"]
    samples, sample_rate = soundfile.read(io.BytesIO(base64.b64decode(spoken["audio"])))
    assert len(samples) / sample_rate == pytest.approx(spoken["duration"], abs=0.1)


@pytest.mark.usefixtures("heard")
def test_an_example_clip_is_a_voice_with_its_pitch(client):
    voices = httpx.get(f"{client.base_url}audio/voices").json()["voices"]
    assert {voice["id"] for voice in voices} >= {"default", "english-female-slt"}
    assert all(voice["name"] for voice in voices)
    answer = speak(client, voice="english-female-slt", response_format="pcm")
    assert median_f0(heard_pcm(answer), 24_000) == pytest.approx(169, rel=0.15)


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


def test_server_sent_events_carry_the_audio_and_when_sentences_are_heard(server):
    fields = {"input": TEXT, "response_format": "pcm", "stream_format": "sse", "seed": 3}
    url = f"{server.url}/v1/audio/speech"

    def told(**more):
        answer = httpx.post(url, json=fields | more, timeout=60)
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        return [json.loads(line[6:]) for line in answer.text.splitlines() if line]

    *deltas, done = told()
    assert {event["type"] for event in deltas} == {"speech.audio.delta"}
    pcm = b"".join(base64.b64decode(event["audio"]) for event in deltas)
    assert done["type"] == "speech.audio.done"
    patches = len(pcm) / 2 / 24_000 * 6.25
    assert done["usage"]["input_tokens"] == len(TEXT)
    assert done["usage"]["output_tokens"] == pytest.approx(patches, abs=1)
    assert done["usage"]["total_tokens"] == sum(list(done["usage"].values())[:2])
    sentences = [one for one in told(timestamps=True) if one["type"] == "speech.audio.sentence"]
    assert [one["text"].strip() for one in sentences] == TEXT.replace(". ", ".|").split("|")
    assert sentences[0]["start"] < sentences[0]["end"] <= sentences[1]["start"]
    assert sentences[1]["end"] <= len(pcm) / 2 / 24_000


@pytest.mark.usefixtures("heard")
def test_the_model_that_speaks_is_listed_and_described(client):
    (model,) = client.models.list()
    assert model.id == "voxcpm-preview"
    assert client.models.retrieve(model.id) == model
    with pytest.raises(openai.NotFoundError, match="There is: voxcpm-preview"):
        client.models.retrieve("openbmb/other")


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("POST", "/v1/chat/completions", 404, None),
        ("GET", "/v1", 404, None),
        ("GET", "/v1/audio/speech", 405, "POST"),
        ("DELETE", "/v1/models", 405, "GET"),
    ],
)
def test_what_is_not_there_is_said_in_openai_s_shape(server, method, path, status, allowed):
    answer = httpx.request(method, server.url + path)
    assert (answer.status_code, answer.headers.get("Allow")) == (status, allowed)
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"input": ""}, "input: The text is empty"),
        ({"input": 5}, "input must be a string, not 5."),
        ({"instructions": 5}, "instructions must be a string, not 5."),
        ({"input": "x" * 20_001}, "input: The text has 20,001 characters"),
        ({"voice": "me"}, "There is no voice of the name me. There are: english-male"),
        ({"speed": 4.5}, "speed must be a number from 0.25 to 4, not 4.5"),
        ({"extra_body": {"sample_rate": 7_000}}, "sample_rate must be a whole number from 8000 to"),
        ({"response_format": "midi"}, "response_format must be mp3 or opus or aac"),
        ({"instructions": "x" * 2_001}, "instructions: The voice description has 2,001 character"),
        (
            {"instructions": "x" * 2_001, "voice": "english-male-rms"},
            "instructions: The style has 2,001 characters",
        ),
    ],
)
def test_bad_input_is_openai_s_bad_request_with_a_sentence(client, server, fields, sentence):
    before = server.made_files()
    with pytest.raises(openai.BadRequestError) as refusal:
        speak(client, **fields)
    assert sentence in refusal.value.body["message"]
    assert refusal.value.body["param"] == next(iter(fields.get("extra_body", fields)))
    assert server.made_files() == before
