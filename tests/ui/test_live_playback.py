import json
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from starlette.requests import Request

from voxcpm_space.api.live import LiveSpeech
from voxcpm_space.studio import Progress
from voxcpm_space.synthesis import Span
from voxcpm_space.ui.live_playback import LivePlayback, Pace
from voxcpm_space.ui.status_line import progress_line

RATE = 48_000
PATCH = np.full(7680, 0.1, np.float32)
LINK = "http://voice.example/gradio_api/file=speech.wav"
SKIPPED = gr.skip()


@pytest.fixture
def live():
    return LiveSpeech()


@pytest.fixture
def playback(live):
    service = SimpleNamespace(link=lambda *_: LINK)
    scope = {
        "type": "http",
        "scheme": "http",
        "method": "POST",
        "path": "/gradio_api/queue/join",
        "query_string": b"",
        "headers": [(b"host", b"voice.example")],
        "app": SimpleNamespace(root_path=""),
    }
    return LivePlayback(service, Request(scope), live)


def steps(rtf, seconds=6.0, before=2.0, audio=PATCH):
    """A speech that is made at one pace, once the first sound is there."""
    for number in range(1, round(seconds / 0.16)):
        made = number * 0.16
        yield Progress(made, seconds, audio, RATE, computing=before + made * rtf)


def told(playback, *steps):
    """What the player is told, after how many seconds of speech."""
    values = [(step.made, playback.progressed(step)) for step in steps]
    return [(made, json.loads(value)) for made, value in values if value != SKIPPED]


def test_a_speech_that_keeps_up_is_heard_where_it_is_made(playback, live):
    ((made, playing),) = told(playback, *steps(0.3))
    assert playing["live"] == f"http://voice.example/live/{live.token}"
    assert playing["file"] == ""
    assert playing["prebuffer_seconds"] <= made < playing["prebuffer_seconds"] + 0.16
    assert not playback.waits_for_the_end


def test_how_long_the_first_sound_took_keeps_nothing_back(playback):
    ((made, _),) = told(playback, *steps(0.3, before=30.0))
    assert made < 1


def test_a_speech_that_does_not_keep_up_waits_for_its_file(playback):
    assert told(playback, *steps(1.2)) == []
    assert playback.waits_for_the_end


def test_a_speech_that_is_heard_already_is_not_said_to_wait(playback):
    told(playback, *steps(0.3, seconds=3.0), *steps(1.2, before=9.0))
    assert not playback.waits_for_the_end


def test_nothing_is_said_of_waiting_before_the_pace_is_known(playback):
    told(playback, next(steps(1.2)))
    assert not playback.waits_for_the_end


def test_what_may_yet_be_made_again_is_not_in_hand(playback):
    assert told(playback, *steps(0.3, audio=PATCH[:0])) == []


def test_that_it_waits_is_said_in_the_line_below():
    step = next(steps(1.2))
    assert "play when it is ready" in progress_line(step, "en", plays_later=True)
    assert "play when it is ready" not in progress_line(step, "en", plays_later=False)


def test_in_the_end_the_file_is_there_beside_what_still_plays(playback):
    ((_, before),) = told(playback, *steps(0.3))
    said = SimpleNamespace(sentences=[Span("Hi.", 0.1, 1.4)])
    playing = json.loads(playback.finished(said, muted=False))
    assert playing == before | {"file": LINK, "subtitles": [["Hi.", 0.1, 1.4]]}


def test_a_speech_that_was_stopped_is_hushed(playback):
    assert json.loads(playback.finished(SimpleNamespace(sentences=[]), muted=True))["muted"]


def test_after_a_speech_that_was_too_slow_takes_are_made_as_for_a_file():
    pace = Pace()
    assert pace.keeps_up
    pace.learn(10.0, 3.0)
    assert not pace.keeps_up
    pace.learn(10.0, 0.5)
    assert pace.keeps_up


def test_a_cold_start_is_not_held_against_a_voice_that_keeps_up(playback):
    told(playback, *steps(0.3, before=30.0))
    pace = Pace()
    pace.learn(6.0, playback.rtf)
    assert pace.keeps_up


def test_a_word_says_nothing_of_the_pace():
    pace = Pace()
    pace.learn(0.5, 3.0)
    pace.learn(10.0, None)
    assert pace.keeps_up
