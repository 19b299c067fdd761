"""Programs written for the hosted API run here with only URL and key changed."""

import io
import json
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.e2e.server import LOOPBACK
from tests.listening import read
from tests.reference import files
from tests.sharing import shared

PROGRAMS = Path(__file__).parent / "hosted_programs"
SPEAK, CLONE = "/voxcpm/v1/text-to-speech", "/voxcpm/v1/voice-cloning"
SECOND = files.written(np.sin(np.arange(16_000) / 20) / 5, 16_000)
LONG = " ".join(["The train was late again."] * 30)


@shared
def hosted(in_process, preview):
    with in_process(preview, reference_hosts=f"*, {LOOPBACK}") as server:
        yield server


def post(server, path, **fields):
    return httpx.post(server.url + path, json=fields, timeout=60)


@pytest.mark.parametrize("program", sorted(path.name for path in PROGRAMS.iterdir()))
def test_a_program_of_the_hosted_api_s_documentation_runs(hosted, internet, tmp_path, program):
    run = {".py": sys.executable, ".mjs": "node", ".sh": "bash"}[Path(program).suffix]
    if shutil.which(run) is None:
        pytest.skip(f"{run} is not installed")
    code = (PROGRAMS / program).read_text()
    code = code.replace("https://gateway.pixazo.ai", hosted.url)
    code = code.replace("https://your-audio-file.wav", f"{internet}/english-male-rms.wav")
    (tmp_path / program).write_text(code)
    printed = subprocess.run(
        [run, tmp_path / program], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    url = re.search(r"(?:output|audio_url)\W+(http[^'\"]+)", printed)[1]
    assert httpx.get(url).headers["Content-Type"] == "audio/wav"


def test_speaking_answers_with_the_documented_field_and_facts_in_headers(hosted):
    response = post(hosted, SPEAK, text="Hello.", seed=7)
    assert response.status_code == 200
    assert list(response.json()) == ["output"]
    assert response.headers["X-Seed"] == "7"
    assert response.headers["X-Model"] == "voxcpm-preview"
    assert 0.3 < float(response.headers["X-Audio-Seconds"]) < 5
    assert response.headers["X-Request-Id"]


def test_another_speed_is_heard_and_subtitles_follow_it(hosted):
    text = "The train was late again. We have to wait here for a while."
    usual, fast = (post(hosted, SPEAK, text=text, seed=7, speed=speed) for speed in (None, 2))
    seconds = [float(one.headers["X-Audio-Seconds"]) for one in (usual, fast)]
    assert seconds[1] == pytest.approx(seconds[0] / 2, rel=0.05)
    subtitles = httpx.get(fast.headers["X-Subtitles-VTT"])
    assert subtitles.headers["Content-Type"].startswith("text/vtt")
    start = re.findall(r"00:00:(\d\d\.\d+) -->", subtitles.text)[-1]
    assert 0.2 * seconds[1] < float(start) < 0.8 * seconds[1]
    assert httpx.get(fast.headers["X-Subtitles-SRT"]).text.startswith("1\n00:00:0")


def test_null_is_a_field_s_default(hosted):
    names = ["cfg_value", "dit_steps", "quality", "seed", "normalize", "voice", "voices", "speed"]
    assert post(hosted, SPEAK, text="Hello.", **dict.fromkeys(names)).status_code == 200
    response = post(hosted, SPEAK, text=None)
    assert "text must be a string, not None" in response.json()["message"]


def test_cloning_answers_with_the_documented_fields(hosted, internet):
    url = f"{internet}/english-male-rms.wav"
    response = post(hosted, CLONE, text="Hello.", reference_audio_url=url)
    answer = response.json()
    assert list(answer) == ["url", "audio_url", "sample_rate", "elapsed_s", "status"]
    assert (answer["url"], answer["sample_rate"], answer["status"]) == (
        answer["audio_url"],
        48_000,
        "done",
    )


def test_what_is_known_of_a_clip_is_said_in_headers(hosted, internet):
    short = "data:audio/wav;base64," + b64encode(SECOND).decode()
    response = post(hosted, CLONE, text="Hello.", reference_audio_url=short)
    assert "5 to 20 s clone better" in response.headers["X-Warnings"]
    url = f"{internet}/english-male-rms.wav"
    response = post(hosted, CLONE, text="Hello.", reference_audio_url=url)
    assert "X-Warnings" not in response.headers
    assert response.headers["X-Transcript"] == "none"
    response = post(hosted, CLONE, text="Hello.", reference_audio_url=url, prompt_text="Yes.")
    assert response.headers["X-Transcript"] == "given"
    assert "X-Transcript" not in post(hosted, SPEAK, text="Hello.").headers


def test_what_was_changed_in_a_text_is_said_in_a_header(hosted):
    response = post(hosted, SPEAK, text="# “Hello.”")
    notes = "Markdown marks removed; typographic quotes made plain"
    assert response.headers["X-Text-Notes"] == notes
    assert "X-Text-Notes" not in post(hosted, SPEAK, text="Hello.").headers


def test_a_long_text_is_answered_as_one_file(hosted):
    text = "The train was late. [pause 500ms] It was.\n\nWe have to wait here for a while."
    response = post(hosted, SPEAK, text=text, dit_steps=4)
    samples, _ = read(io.BytesIO(httpx.get(response.json()["output"]).content))
    assert len(samples) / 48_000 == pytest.approx(
        float(response.headers["X-Audio-Seconds"]), abs=0.01
    )


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        (SPEAK, {}, "text is missing"),
        (SPEAK, {"text": "Hi [pause 1s]" * 101}, "The text has 101 pauses; at most 100"),
        (SPEAK, {"text": ""}, "The text is empty"),
        (SPEAK, {"text": 5}, "text must be a string, not 5"),
        (SPEAK, {"text": "Hi", "cfg_value": "2"}, "cfg_value must be a number from 1 to 3"),
        (SPEAK, {"text": "Hi", "pitch": "x"}, "'pitch' is not a parameter"),
        (SPEAK, {"text": "Hi", "voice": "/etc/passwd"}, "voice must be an http(s) or data: URL"),
        (CLONE, {"text": "Hi"}, "There is no reference clip"),
        (
            CLONE,
            {"text": "Hi", "reference_audio_url": "x", "denoise": 1},
            "denoise must be true or",
        ),
        (CLONE, {"text": "Hi", "reference_audio_url": "x", "reference_start": -1}, "0 or more"),
        (CLONE, {"text": "Hi", "reference_audio_url": ""}, "There is no reference clip"),
        (CLONE, {"text": "Hi", "reference_audio_url": "/etc/passwd"}, "must be an http"),
        (CLONE, {"text": "Hi", "reference_audio_url": {"path": "/etc/passwd"}}, "must be an http"),
        (CLONE, {"text": "Hi", "reference_audio_url": "http://10.0.0.1/"}, "could not be down"),
    ],
)
def test_bad_input_is_a_400_with_a_sentence_and_leaves_no_file(hosted, path, fields, sentence):
    before = hosted.made_files()
    response = post(hosted, path, **fields)
    assert response.status_code == 400
    assert response.json()["statusCode"] == 400
    assert sentence in response.json()["message"]
    assert hosted.made_files() == before


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b'{"text": "\xff"}', "not valid JSON"),
        (b"[" * 100_000, "too deeply"),
        (b'"Hello."', "must be an object"),
        (b'{"text": "Hi", "cfg_value": NaN}', "cfg_value must be a number from 1 to 3, not NaN"),
        (b'{"text": "\\ud800"}', "lone surrogate"),
        (b'{"text": "' + b"x" * 2**23 + b'"}', "larger than 8 MB"),
    ],
)
def test_a_broken_body_is_a_400_with_a_sentence(hosted, body, sentence):
    response = httpx.post(hosted.url + SPEAK, content=body)
    assert response.status_code == 400
    assert sentence in response.json()["message"]


def test_what_cannot_be_stored_is_a_500_that_says_so(hosted):
    with hosted.unable_to_store():
        response = post(hosted, SPEAK, text="Hello.")
    assert response.status_code == 500
    assert "cannot store speech now" in response.json()["message"]
    assert "Made files cannot be stored" in hosted.log
    assert post(hosted, SPEAK, text="Hello.").status_code == 200


def test_a_client_that_leaves_ends_the_work(hosted):
    before = hosted.made_files()
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(hosted.url + SPEAK, json={"text": LONG, "dit_steps": 50}, timeout=2)
    assert post(hosted, SPEAK, text="Hi.").elapsed.total_seconds() < 10
    assert len(hosted.made_files()) == len(before) + 1


def test_the_answer_is_json_of_the_documented_type(hosted):
    response = post(hosted, SPEAK, text="")
    assert response.headers["Content-Type"] == "application/json"
    json.loads(response.content)
