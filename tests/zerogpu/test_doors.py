import io
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from tests.zerogpu.space import LONG, visitor_token
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio, finished

DOORS = {
    "endpoint speaks": lambda space, **more: space.predict("/text-to-speech", **more)["output"],
    "endpoint clones": lambda space, **more: space.predict("/voice-cloning", **more)["url"],
    "route speaks": lambda space, **more: space.speak(**more).json()["output"],
    "route clones": lambda space, **more: space.clone(**more).json()["url"],
    "OpenAI's route speaks": lambda space, **more: space.say(**more).content,
    "the socket speaks": lambda space, **more: space.talk(**more),
}


@pytest.fixture(params=DOORS)
def ask(request):
    return DOORS[request.param]


def audio(answer):
    return answer if isinstance(answer, bytes) else httpx.get(answer).content


def parent_of(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


def test_a_start_is_reported_once(any_space):
    assert any_space.api.startups == 1


def test_the_model_is_on_the_gpu_when_the_page_opens(emulated_space):
    # What is loaded later, each worker would have to copy from the memory of the application.
    (packed,) = emulated_space.server.uploads.with_name("tensors").iterdir()
    assert packed.stat().st_size > 20_000_000


def test_audio_is_made_in_another_process_that_gives_its_gpu_back(any_space, ask):
    any_space.api.reuses_workers = False
    assert len(audio(ask(any_space))) > 10_000
    any_space.api.wait_until_idle()
    (worker,) = any_space.api.workers
    assert parent_of(worker) == any_space.server.pid
    assert any_space.api.released == [False]


def test_what_is_heard_is_what_is_heard_without_zerogpu(any_space, preview):
    studio = Studio(Settings(), preview, Outputs(keep_seconds=3600))
    fields = {"text": "Good morning.", "dit_steps": 2, "seed": 7}
    there, _ = soundfile.read(io.BytesIO(audio(any_space.speak(**fields).json()["output"])))
    here, _ = soundfile.read(finished(studio.speak(fields)).path)
    # A CPU adds up in another order than what is taken for a GPU.
    np.testing.assert_allclose(there, here, atol=1e-3)


def test_audio_flows_out_while_the_worker_makes_more(any_space):
    with any_space.stream(LONG) as response:
        assert next(response.iter_bytes())
        assert any_space.api.busy
    any_space.api.wait_until_idle()


def test_zerogpu_knows_the_visitor_through_every_door(space, ask):
    ask(space, token=visitor_token("ada"))
    assert [asked["token"] for asked in space.api.asked] == [visitor_token("ada")]
