"""One part of a speech made again."""

import numpy as np
import pytest

from tests.synthesis.scripted import RATE, ScriptedEngine, segment, silence, speech
from tests.synthesis.test_synthesis import THREE, base_request, spoken
from voxcpm_space.errors import GpuLostError
from voxcpm_space.synthesis import SegmentRegeneration, Speaker
from voxcpm_space.synthesis.loudness import measure_loudness

SOUNDS = [speech(6), speech(3), speech(2)]


def with_regenerated(engine, number, *, speaker=None, sounds=SOUNDS, **options):
    """Tells three parts, and with the engine one of them again."""
    made, _ = spoken(ScriptedEngine(*sounds), THREE, speaker)
    samples = np.concatenate(made.audio)
    regeneration = SegmentRegeneration(engine, made.timeline, samples, number, seed=99, **options)
    return made.timeline, samples, regeneration, list(regeneration.events())


def level(samples):
    heard = measure_loudness(samples, RATE)
    return 10 * np.log10(heard.power / heard.frames)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_only_that_part_is_another_and_all_pauses_are_as_long(number):
    old, before, regeneration, _ = with_regenerated(ScriptedEngine(speech(4)), number)
    new, after = regeneration.timeline, np.concatenate(regeneration.audio)
    assert new.starts[-1] == len(after)
    for other in {0, 1, 2} - {number}:
        samples = [
            sound[one.starts[other] : one.starts[other + 1]]
            for one, sound in ((old, before), (new, after))
        ]
        assert np.array_equal(*samples)
        assert old.segments[other] is new.segments[other]
    made = new.parts[number]
    assert made.end - made.start == pytest.approx(4, abs=0.02)
    pauses = [
        [
            later.start - earlier.end
            for earlier, later in zip(one.parts, one.parts[1:], strict=False)
        ]
        for one in (old, new)
    ]
    assert pauses[1] == pytest.approx(pauses[0], abs=0.02)


@pytest.mark.parametrize("number", [0, 2])
def test_a_part_that_comes_louder_is_as_loud_as_the_others(number):
    _, before, regeneration, _ = with_regenerated(ScriptedEngine(speech(4, level=0.4)), number)
    made = regeneration.audio[1:-1]
    assert level(np.concatenate(made)) == pytest.approx(level(before) + 2, abs=0.3)


def test_it_is_said_by_the_designed_voice_of_the_first_part_and_with_another_seed():
    speaker = Speaker(base_request(), "A warm old man")
    for number in (0, 1):
        engine = ScriptedEngine(speech(4))
        old, _, regeneration, _ = with_regenerated(engine, number, speaker=speaker)
        (request,) = engine.requests
        assert request.text == THREE.segments[number].text
        assert request.seed == 99
        assert set(np.unique(request.encoded.voice)) == {1}
        assert regeneration.timeline.segments[number].speaker is old.segments[number].speaker


def test_a_cloned_voice_stays_that_of_the_clip():
    clip, engine = np.zeros(32_000, np.float32), ScriptedEngine(speech(4))
    with_regenerated(engine, 1, speaker=Speaker(base_request(reference=clip), "sad"))
    assert engine.requests[0].reference is clip
    assert engine.requests[0].text.startswith("(sad)")


def test_making_a_short_voice_again_does_not_change_the_voice_of_the_others():
    old, _, _, _ = with_regenerated(ScriptedEngine(speech(6)), 0, sounds=[speech(1)] * 3)
    voice = old.segments[0].speaker.request(segment("Yes.", 0), 1, 0).encoded.voice
    assert set(np.unique(voice)) == {1, 2, 3}


def test_what_went_wrong_with_the_old_segment_is_forgotten_and_with_the_new_one_said():
    bad = [speech(6), silence(3), silence(3), silence(3), speech(2)]
    made, _ = spoken(ScriptedEngine(*bad))
    samples = np.concatenate(made.audio)
    assert "Part 2 of 3" in made.timeline.warnings[0]
    for sounds, said in (([speech(3)], 0), ([silence(3)] * 3, 1)):
        regeneration = SegmentRegeneration(
            ScriptedEngine(*sounds), made.timeline, samples, 1, seed=1
        )
        list(regeneration.events())
        assert [warning[:11] for warning in regeneration.timeline.warnings] == [
            "Part 2 of 3"
        ] * said


def test_stopping_it_leaves_nothing_new():
    engine = ScriptedEngine(speech(4))
    *_, regeneration, events = with_regenerated(
        engine, 1, stop_requested=lambda: bool(engine.requests)
    )
    assert not regeneration.is_whole
    assert len(events) < 5


def test_a_failure_is_told_although_a_person_could_stop():
    def lose_the_gpu():
        raise GpuLostError

    with pytest.raises(GpuLostError):
        with_regenerated(ScriptedEngine(lose_the_gpu), 1, stop_requested=lambda: False)
