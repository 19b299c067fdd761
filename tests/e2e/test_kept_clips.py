"""What Gradio keeps for the page itself outlives what visitors bring."""

import os

import httpx

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
