"""The official clients of npm, which send null for what they leave out between two fields."""

import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

PROGRAMS = Path(__file__).parent / "javascript"


@pytest.fixture
def run(server):
    def printed(program):
        if not shutil.which("node") or not (PROGRAMS / "node_modules").exists():
            pytest.skip("Its packages are not installed: make install-programs")
        command = ["node", PROGRAMS / program, server.url]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
        return json.loads(answer.stdout.splitlines()[-1])

    return printed


def test_openai_s_client_hears_pcm_at_the_rate_that_it_plays(run):
    answer = run("speak_with_openai.mjs")
    assert answer["type"] == "audio/pcm;rate=24000"
    assert "the default one speaks" in answer["warnings"]
    assert 0.3 < answer["bytes"] / 2 / 24_000 < 4


def test_gradio_s_client_leaves_out_fields_by_null(run):
    assert httpx.get(run("speak_with_gradio.mjs")["output"]).headers["Content-Type"] == "audio/wav"
