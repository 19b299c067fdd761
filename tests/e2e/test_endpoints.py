import asyncio
import subprocess
import threading

import httpx
import pytest
import soundfile
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.e2e.server import ROOT
from tests.listening import level_dbfs, median_f0, read

CLIPS = ROOT / "examples" / "clips"
TEXT = "The train was late again. We have to wait here for a while."


def downloaded(url, tmp_path):
    path = tmp_path / "speech.wav"
    subprocess.run(["curl", "--fail", "--silent", "--output", str(path), url], check=True)
    return read(path)


def test_the_two_endpoints_are_the_only_ones(client):
    endpoints = client.view_api(return_format="dict", print_info=False)
    assert set(endpoints["named_endpoints"]) == {"/text-to-speech", "/voice-cloning"}
    assert endpoints["unnamed_endpoints"] == {}


def test_parameters_come_in_the_hosted_api_s_order_then_ours(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    names = {
        name: [parameter["parameter_name"] for parameter in endpoint["parameters"]]
        for name, endpoint in endpoints.items()
    }
    assert names["/text-to-speech"] == [
        *["text", "cfg_value", "dit_steps"],
        *["voice_description", "seed", "normalize", "voices", "voice", "lora", "speed", "quality"],
    ]
    assert names["/voice-cloning"] == [
        *["text", "reference_audio_url", "prompt_text"],
        *["style", "seed", "normalize", "cfg_value", "dit_steps"],
        *["denoise", "transcribe", "reference_start", "voice", "lora", "speed", "quality"],
    ]


def test_text_becomes_speech_that_curl_can_download(client, tmp_path):
    answer = client.predict(TEXT, 2.0, 10, api_name="/text-to-speech")
    assert list(answer) == ["output"]
    samples, sample_rate = downloaded(answer["output"], tmp_path)
    assert sample_rate == 48_000
    assert samples.ndim == 1
    assert 1.5 < len(samples) / sample_rate < 8
    assert -35 < level_dbfs(samples) < -10
    assert abs(samples).max() < 1


def test_a_dialogue_is_made_with_a_voice_for_each_name(client, tmp_path):
    endpoint = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    types = {
        parameter["parameter_name"]: parameter["python_type"]["type"]
        for parameter in endpoint["/text-to-speech"]["parameters"]
    }
    assert "dict(str, str | dict(str, Any))" in types["voices"]
    talk = {"text": f"Ann: {TEXT}\nBob: {TEXT}", "seed": 3, "api_name": "/text-to-speech"}
    answer = client.predict(**talk, voices={"ann": "A cheerful young woman"})
    samples, sample_rate = downloaded(answer["output"], tmp_path)
    assert 4 < len(samples) / sample_rate < 16
    clip = handle_file(CLIPS / "english-female-slt.wav")
    talk["text"] = "Ann: Hello.\nBob: Hi."
    heard = {
        client.predict(**talk, voices=voices)["output"]
        for voices in ({"Ann": clip}, {"Ann": "english-female-slt"})
    }
    assert len({(downloaded(url, tmp_path)[0]).tobytes() for url in heard}) == 1
    with pytest.raises(AppError, match=r"names 'Cy', who is not in the text\. It has Ann, B"):
        client.predict(**talk, voices={"Cy": ""})


def test_a_clone_follows_the_pitch_of_its_clip(client, tmp_path):
    heard = {}
    for voice in ("english-male-rms", "english-female-slt"):
        clip = handle_file(CLIPS / f"{voice}.wav")
        answer = client.predict(TEXT, clip, seed=3, api_name="/voice-cloning")
        assert list(answer) == ["url", "audio_url", "sample_rate", "elapsed_s", "status"]
        assert answer["url"] == answer["audio_url"]
        assert (answer["sample_rate"], answer["status"]) == (48_000, "done")
        assert 0 < answer["elapsed_s"] < 60
        heard[voice] = median_f0(*downloaded(answer["url"], tmp_path))
    assert heard["english-male-rms"] == pytest.approx(100, rel=0.15)
    assert heard["english-female-slt"] == pytest.approx(169, rel=0.15)


def test_a_transcript_makes_an_ultimate_clone(client, tmp_path):
    clip = handle_file(CLIPS / "english-male-rms.wav")
    answer = client.predict(TEXT, clip, "Good morning.", api_name="/voice-cloning")
    samples, _ = downloaded(answer["url"], tmp_path)
    assert level_dbfs(samples) > -40


def test_a_program_is_told_of_its_clip_beside_the_answer(client, tmp_path):
    soundfile.write(
        tmp_path / "short.wav", read(CLIPS / "english-male-rms.wav")[0][:32_000], 16_000
    )

    async def told():
        clip = handle_file(tmp_path / "short.wav")
        job = client.submit("Hi.", clip, api_name="/voice-cloning")
        return [update.log async for update in job if update.type == "status" and update.log]

    warning, transcript = asyncio.run(told())
    assert "s of speech in the clip; 5 to 20 s clone better" in warning[0]
    assert warning[1] == "warning"
    assert transcript == ("The clip was used without a transcript.", "info")


def test_the_same_seed_gives_the_same_file(client, server):
    answers = [client.predict(TEXT, seed=5, api_name="/text-to-speech") for _ in range(2)]
    first, second = (httpx.get(answer["output"]).content for answer in answers)
    assert first == second
    assert answers[0] != answers[1]
    assert server.log.count("Traceback") == 0


def test_the_file_says_that_it_is_synthetic_and_by_which_model(client, server):
    answer = client.predict("Hello.", seed=9, api_name="/text-to-speech")
    (path,) = server.uploads.glob(f"**/speech/{answer['output'].rsplit('/', 1)[-1]}")
    with soundfile.SoundFile(path) as file:
        assert file.comment == "Synthetic speech, made by the model voxcpm-preview (seed 9)"


def test_every_response_names_the_model(server):
    for path in ("/", "/gradio_api/info", "/nothing-here"):
        assert httpx.get(server.url + path).headers["X-Model"] == "voxcpm-preview"


def test_behind_a_proxy_the_url_is_the_proxy_s(server):
    public = {"X-Forwarded-Host": "voice.example.org", "X-Forwarded-Proto": "https"}
    call = f"{server.url}/gradio_api/call"
    event = httpx.post(f"{call}/v2/text-to-speech", json={"text": "Hello."}, headers=public)
    answer = httpx.get(f"{call}/text-to-speech/{event.json()['event_id']}", timeout=60).text
    assert '"output": "https://voice.example.org/speech/' in answer


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "The text is empty"),
        ({"text": "x" * 20_001}, "The text has 20,001 characters"),
        ({"text": "\x00"}, "control character U+0000"),
        ({"text": "..."}, "only punctuation"),
        ({"text": "😀"}, "only symbols or emoji"),
        ({"cfg_value": "high"}, "cfg_value must be a number from 1 to 3, not 'high'"),
        ({"cfg_value": 99}, "cfg_value must be a number from 1 to 3, not 99"),
        ({"dit_steps": 0}, "dit_steps must be a whole number from 1 to 50, not 0"),
        ({"seed": -1}, "seed must be a whole number from 0 to 4294967295, not -1"),
    ],
)
def test_bad_input_gets_a_sentence_and_leaves_no_file(client, server, fields, sentence):
    before = server.made_files()
    with pytest.raises(AppError) as refusal:
        client.predict(**{"text": "Hello."} | fields, api_name="/text-to-speech")
    assert sentence in str(refusal.value)
    assert server.made_files() == before


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_json_does_not_know_are_answered(server, number):
    call = f"{server.url}/gradio_api/call/text-to-speech"
    response = httpx.post(
        call, content=f'{{"data": ["Hello.", {number}]}}', headers={"Content-Type": "text/json"}
    )
    if response.status_code == 200:
        event = response.json()["event_id"]
        assert "cfg_value must be" in httpx.get(f"{call}/{event}", timeout=60).text
    else:
        assert 400 <= response.status_code < 500


@pytest.mark.parametrize(
    "reference",
    ["/etc/passwd", {"path": "/etc/passwd"}, f"{ROOT}/examples/clips/english-male-rms.wav"],
)
def test_no_file_of_the_server_is_read(client, reference):
    with pytest.raises(AppError, match="must be an http"):
        client.predict("Hello.", reference, api_name="/voice-cloning")


def test_a_url_into_our_network_is_refused(client, server):
    with pytest.raises(AppError, match="could not be downloaded"):
        client.predict("Hello.", f"{server.url}/clip.wav", api_name="/voice-cloning")


def test_a_file_that_is_not_audio_is_named_so(client, tmp_path):
    (tmp_path / "clip.wav").write_text("not audio")
    with pytest.raises(AppError, match="not audio that can be read"):
        client.predict("Hello.", handle_file(tmp_path / "clip.wav"), api_name="/voice-cloning")


def test_callers_at_the_same_time_each_get_their_own_audio(server):
    texts = ["One.", "Two and two.", "Three, and three, and three again."]
    alone, together = {}, {}

    def call(text, answers):
        client = Client(server.url, verbose=False)
        answer = client.predict(text, seed=1, api_name="/text-to-speech")
        answers[text] = httpx.get(answer["output"]).content
        client.close()

    for text in texts:
        call(text, alone)
    threads = [threading.Thread(target=call, args=(text, together)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone
