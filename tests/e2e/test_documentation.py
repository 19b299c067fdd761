"""The documentation of the HTTP API: people can read it, and the server does what it says."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "3")
PATIENCE = 24 * int(EXAMPLES)  # seconds
NOT_CHECKED = "positive_data_acceptance"
"""No schema can say that a text must hold something that can be spoken."""


@pytest.fixture
def tiny_server(in_process, engine, accounts):
    limits = {"max_text_length": 100, "max_dit_steps": 4}
    with in_process(engine, accounts=accounts.path, **limits) as server:
        yield server


@pytest.mark.server  # it takes as long as the tests that are
def test_schemathesis_finds_no_answer_that_the_document_does_not_describe(
    tiny_server, accounts, tmp_path
):
    command = [
        *[Path(sys.executable).with_name("st"), "run", f"{tiny_server.url}/openapi.json"],
        *["--header", f"Ocp-Apim-Subscription-Key: {accounts.key}"],
        *["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "1"],
        *["--exclude-checks", NOT_CHECKED, "--no-color"],
    ]
    run = subprocess.run(
        command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE
    )
    assert run.returncode == 0, run.stdout[-5000:]
    assert "Operations:       13 selected / 13 total" in run.stdout
    assert tiny_server.log.count("Traceback") == 0


def test_a_person_reads_it_without_a_fetch_from_elsewhere(browser, server):
    page = browser.new_page()
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{server.url}/docs")
    expect(page.get_by_text("/voxcpm/v1/text-to-speech")).to_be_visible()
    expect(page.get_by_text("/v1/audio/speech")).to_be_visible()
    page.close()
    assert all(url.startswith((server.url, "data:")) for url in fetched)


def test_limits_and_examples_are_those_of_the_server(server):
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    body = paths["/voxcpm/v1/voice-cloning"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["properties"]["text"]["maxLength"] == 20_000
    assert body["schema"]["properties"]["dit_steps"]["maximum"] == 50
    bodies = {
        path: content["post"]["requestBody"]["content"]
        for path, content in paths.items()
        if "post" in content
    }
    for path, examples in (
        (path, body["application/json"]["examples"])
        for path, body in bodies.items()
        if "application/json" in body
    ):
        for example in examples.values():
            response = httpx.post(server.url + path, json=example["value"], timeout=60)
            assert response.status_code == 200, response.text
