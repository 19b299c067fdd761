"""Runs the snippets of README and docs/ and the programs in examples/, but for the port as is."""

import re
import subprocess
import sys

import httpx
import pytest
import soundfile

from tests.e2e.server import ROOT
from voxcpm_space.api.access.accounts import Accounts

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
DOCUMENTED = "\n".join(document.read_text("utf-8") for document in DOCUMENTS)
DEFAULT_URL = "http://127.0.0.1:7860"


def snippets(language):
    return [
        code
        for code in re.findall(rf"```{language}\n(.*?)```", DOCUMENTED, re.DOTALL)
        if DEFAULT_URL in code and "make run" not in code
    ]


def output_of(command, **options):
    return subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120, **options
    ).stdout


def assert_is_wav(url):
    response = httpx.get(url)
    assert response.headers["Content-Type"] == "audio/wav"
    assert len(response.content) > 20_000


def test_there_are_as_many_snippets_as_are_shown():
    assert (len(snippets("python")), len(snippets("sh"))) == (3, 2)


def test_the_openai_snippet_writes_audio_that_plays(server, tmp_path):
    (code,) = (code for code in snippets("python") if "OpenAI" in code)
    code = code.replace(DEFAULT_URL, server.url)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=120)
    assert soundfile.info(tmp_path / "hello.mp3").duration > 1


@pytest.mark.parametrize("code", [code for code in snippets("python") if "OpenAI" not in code])
def test_the_python_snippets_print_a_url_of_audio(server, code):
    printed = output_of([sys.executable, "-c", code.replace(DEFAULT_URL, server.url)])
    assert_is_wav(printed.splitlines()[-1])


@pytest.mark.parametrize("code", snippets("sh"))
def test_the_curl_snippet_answers_with_a_url_of_audio(server, code):
    printed = output_of(["bash", "-c", code.replace(DEFAULT_URL, server.url)])
    assert_is_wav(re.search(r'"output":"([^"]+)"', printed)[1])


def test_the_accounts_snippet_prints_a_key_that_opens(tmp_path):
    (code,) = re.findall(r"```sh\n(export VOXCPM_ACCOUNTS.*?)```", DOCUMENTED, re.DOTALL)
    file = tmp_path / "accounts.toml"
    code = code.replace(".venv/bin/python", sys.executable).replace("accounts.toml", str(file))
    key = output_of(["bash", "-c", code]).split()[-1]
    assert Accounts(file).with_key(key)[0] == "ann"


@pytest.mark.parametrize(
    "command",
    [
        ["examples/speak.py", "Hello there."],
        ["examples/clone.py", "examples/clips/english-male-rms.wav", "Hello there."],
    ],
)
def test_the_example_programs_print_a_url_of_audio(server, command):
    assert_is_wav(output_of([sys.executable, *command, server.url]).strip())
