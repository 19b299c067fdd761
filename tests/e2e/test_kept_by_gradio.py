"""What Gradio keeps: its own clips as long as the page, of visitors only so much."""

import os

import httpx
from gradio_client import Client

from voxcpm_space import launch
from voxcpm_space.examples import clips


def test_the_page_s_example_clips_are_there_however_old_they_are(in_process, engine):
    with in_process(engine) as server:
        names = {clip.path.name for clip in clips()}
        copies = [path for path in server.uploads.rglob("*.wav") if path.name in names]
        assert {path.name for path in copies} == names
        for path in copies:
            os.utime(path, (0, 0))  # Gradio's copies are as old as the originals
        server.kept.expire()
        for path in copies:
            assert httpx.get(f"{server.url}/gradio_api/file={path}").status_code == 200


def test_of_the_sessions_of_many_clients_only_the_last_are_held(in_process, engine, monkeypatch):
    monkeypatch.setattr(launch, "_SESSIONS", 2)
    with in_process(engine) as server:
        for seed in range(4):
            client = Client(server.url, verbose=False)
            client.predict("Hi.", seed=seed, api_name="/text-to-speech")
            client.close()
        assert len(server.app.state_holder.session_data) == 2
