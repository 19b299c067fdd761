import numpy as np
import pytest

from tests.listening import median_f0
from tests.synthesis.scripted import PATCH, RATE, ScriptedEngine, segment, speech, tone
from tests.synthesis.test_synthesis import base_request, spoken, synthesis
from voxcpm_space.synthesis import SegmentRegeneration, Speaker
from voxcpm_space.synthesis.tempo import Tempo
from voxcpm_space.text import Script


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.8, 1.25, 2, 4])
def test_the_time_changes_and_the_pitch_does_not(speed):
    tempo, samples = Tempo(RATE, speed), tone(3, hz=150)
    pieces = [tempo.feed(samples[at : at + PATCH]) for at in range(0, len(samples), PATCH)]
    heard = np.concatenate([*pieces, tempo.end()])
    assert len(heard) / RATE == pytest.approx(3 / speed, rel=0.02)
    assert median_f0(heard, RATE) == pytest.approx(150, rel=0.02)
    assert len(np.concatenate(pieces[:4]))  # it flows


def test_sentences_and_what_was_generated_follow_the_speed():
    usual, _ = spoken(ScriptedEngine(*[speech(3)] * 3))
    fast, events = spoken(ScriptedEngine(*[speech(3)] * 3), speed=2)
    assert fast.seconds == pytest.approx(usual.seconds / 2, rel=0.02)
    assert fast.generated_seconds == pytest.approx(usual.seconds, rel=0.02)
    for one, other in zip(usual.timeline.sentences, fast.timeline.sentences, strict=True):
        assert other.start == pytest.approx(one.start / 2, abs=0.1)
        assert other.end == pytest.approx(one.end / 2, abs=0.1)
    told = [sentence for event in events for sentence in event.sentences]
    assert told == list(fast.timeline.sentences)


def test_a_part_that_is_made_again_is_as_fast_as_the_others():
    made, _ = spoken(ScriptedEngine(*[speech(3)] * 3), speed=2)
    samples = np.concatenate(made.audio)
    engine = ScriptedEngine(speech(3))
    again = SegmentRegeneration(engine, made.timeline, samples, 1, seed=5, speed=2)
    list(again.events())
    heard = sum(map(len, again.audio))
    assert heard == pytest.approx(len(samples), rel=0.02)


def test_a_streamed_segment_flows_at_another_speed():
    text = Script((segment("The train was late again.", 0),))
    speaker = Speaker(base_request())
    made = synthesis(ScriptedEngine(speech(3)), text, speaker, streamed=True, speed=1.5)
    flowing = [event for event in made.events() if len(event.audio)]
    assert len(flowing) > 5
