import base64
import io
import json
from contextlib import ExitStack

import gradio as gr
import numpy as np
import pytest
import soundfile
from fastapi import Request

from voxcpm_space.api.access.access import Access, Caller
from voxcpm_space.api.service import SpeechService
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.settings import Settings
from voxcpm_space.ui.cloning_tab import clip_fields
from voxcpm_space.ui.reference_look import _Handlers

RATE = 16_000


class Counting:
    """In place of ZipEnhancer: leaves the clip as it is, and counts how often it is asked."""

    def __init__(self):
        self.times = 0

    def denoise(self, samples):
        self.times += 1
        return samples, ()


@pytest.fixture
def access():
    return Access(Settings(rate_limit=""))


@pytest.fixture
def handlers(studio, access):
    return _Handlers(SpeechService(studio, access))


@pytest.fixture
def visitor():
    request = Request({"type": "http", "headers": [], "state": {"caller": Caller("10.0.0.1")}})
    return gr.Request(request, session_hash="ann")


@pytest.fixture
def long_clip(upload, read_example):
    return upload(np.resize(read_example, 60 * RATE))


@pytest.fixture
def read_example():
    return soundfile.read(clips()[0].path, dtype="float32")[0]


def look(handlers, visitor, clip):
    return json.loads(handlers.look(visitor, "upload", clip, denoise=False)[0])


def test_noise_is_removed_once_to_show_a_long_clip(
    handlers, studio, visitor, long_clip, monkeypatch
):
    denoiser = Counting()
    monkeypatch.setattr(studio._given._references, "_denoiser", denoiser)
    view, slider, start, _ = handlers.look(visitor, "upload", long_clip, denoise=True)
    assert denoiser.times == 1
    assert slider.visible
    assert f"from {start:.1f}" in view


def test_the_part_that_is_shown_is_the_part_that_is_cloned_from(
    handlers, studio, visitor, long_clip
):
    view, _, start, _ = handlers.look(visitor, "upload", long_clip, denoise=False)
    used = studio.examine({"reference_audio_url": long_clip, "reference_start": start})
    assert f"from {used.start:.1f} to {used.end:.1f} s are used" in view


def test_one_visitor_does_not_take_the_places_of_all(handlers, access, visitor, long_clip):
    with ExitStack() as looks:
        for _ in range(4):
            looks.enter_context(access.look(Caller("10.0.0.1")))
        assert "Only 4 clips at once" in look(handlers, visitor, long_clip)["about"]
    assert look(handlers, visitor, long_clip)["sound"]


def test_what_is_heard_is_what_is_used(handlers, studio, visitor, long_clip):
    view = look(handlers, visitor, long_clip)
    used = studio.examine({"reference_audio_url": long_clip})
    mp3 = base64.b64decode(view["sound"].partition("base64,")[2])
    heard, rate = soundfile.read(io.BytesIO(mp3))
    assert len(heard) / rate == pytest.approx(used.end - used.start, abs=0.2)
    assert max(view["peaks"]) == pytest.approx(abs(used.samples).max(), abs=0.01)


@pytest.mark.parametrize("source", ["upload", "record", "link"])
def test_a_clip_of_one_s_own_needs_consent_and_an_example_none(source):
    given = {"denoise": False, "start": None, "may_use": False}
    with pytest.raises(InputError, match="that you may use this voice") as refused:
        clip_fields(source, "https://voice.example/a.mp3", **given)
    assert refused.value.field == "may_use"
    fields = clip_fields("examples", clips()[0].voice, **given)
    assert fields["reference_audio_url"] == clips()[0].voice
