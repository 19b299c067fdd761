import json
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from starlette.requests import Request

from voxcpm_space.api.live import LiveSpeech
from voxcpm_space.pace import Pace
from voxcpm_space.studio import Progress
from voxcpm_space.synthesis import Span
from voxcpm_space.ui.player import LivePlayback, progress_line

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


@pytest.fixture
def speech():
    return SimpleNamespace(
        id="speech",
        request=SimpleNamespace(text="Hi."),
        seconds=1.5,
        elapsed=1.0,
        rtf=0.6,
        seed=7,
        sentences=(Span("Hi.", 0.1, 1.4),),
        parts=(Span("Hi.", 0.1, 1.4),),
        advice=(),
        notes=(),
    )


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
    (made, playing), *_ = told(playback, *steps(0.3))
    assert playing["live"] == f"http://voice.example/live/{live.token}"
    assert playing["file"] == ""
    assert playing["speech"] is None
    assert playing["prebuffer_seconds"] <= made < playing["prebuffer_seconds"] + 0.16
    assert not playback.waits_for_the_end


def test_how_long_the_first_sound_took_keeps_nothing_back(playback):
    (made, _), *_ = told(playback, *steps(0.3, before=30.0))
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


def test_while_it_is_heard_its_waveform_grows_in_less_than_all_updates(playback):
    values = [playing for _, playing in told(playback, *steps(0.3))]
    lengths = [len(playing["peaks"]) for playing in values]
    assert lengths == sorted(set(lengths))
    assert 5 < len(values) < 6 / 0.3
    assert values[-1]["seconds"] == pytest.approx({"made": 5.8, "expected": 6.0}, abs=0.3)


def test_in_the_end_the_file_is_there_beside_what_still_plays(playback, speech):
    *_, (_, before) = told(playback, *steps(0.3))
    playing = json.loads(playback.finished(speech, {"tab": "text-to-speech"}, muted=False))
    assert playing["live"] == before["live"]
    assert playing["file"] == LINK
    kept = playing["speech"]
    assert kept["sentences"] == [["Hi.", 0.1, 1.4]]
    assert "Hi." in kept["srt"]
    assert kept["vtt"].startswith("WEBVTT")
    assert (kept["id"], kept["text"], kept["tab"]) == ("speech", "Hi.", "text-to-speech")
    assert "RTF" in kept["facts"]


def test_a_speech_that_was_stopped_is_hushed(playback, speech):
    assert json.loads(playback.finished(speech, {}, muted=True))["muted"]


def test_a_cold_start_is_not_held_against_a_voice_that_keeps_up(playback):
    told(playback, *steps(0.3, before=30.0))
    pace = Pace()
    pace.learn(6.0, playback.running_rtf.value)
    assert pace.keeps_up
