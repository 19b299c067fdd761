"""What Gradio keeps: its own clips as long as the page, of visitors only so much."""

import os

import httpx
from gradio_client import Client

from voxcpm_space import launch
from voxcpm_space.examples import EXAMPLES


def test_the_page_s_example_file_is_there_however_old_it_is(in_process, engine):
    with in_process(engine) as server:
        (copy,) = server.uploads.rglob("batch.csv")
        os.utime(copy, (0, 0))  # Gradio's copies are as old as the originals
        server.kept.expire()
        answer = httpx.get(f"{server.url}/gradio_api/file={copy}")
        assert answer.content == (EXAMPLES / "batch.csv").read_bytes()


def test_of_the_sessions_of_many_clients_only_the_last_are_held(in_process, engine, monkeypatch):
    monkeypatch.setattr(launch, "_SESSIONS", 2)
    with in_process(engine) as server:
        for seed in range(4):
            client = Client(server.url, verbose=False)
            client.predict("Hi.", seed=seed, api_name="/text-to-speech")
            client.close()
        assert len(server.app.state_holder.session_data) == 2
