from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from tests.synthesis.scripted import RATE, ScriptedEngine, segment, silence, speech
from voxcpm_space.engine import GenerationRequest
from voxcpm_space.errors import BusyError, GpuLostError
from voxcpm_space.synthesis import Speaker, Synthesis, speaker_seed
from voxcpm_space.synthesis.duration import DurationEstimator
from voxcpm_space.synthesis.quality import longest_seconds
from voxcpm_space.text import Script

ONE = Script((segment("The train was late again.", 0),))
THREE = Script(
    (
        segment("The train was late again, as it was before.", 0.5),
        segment("We have to wait here for quite a while.", 0.8),
        segment("It will be here in the end, I think.", 0),
    )
)


def base_request(**fields):
    return GenerationRequest(**{"text": "", "seed": 7, "cfg_value": 2.0, "dit_steps": 10} | fields)


def synthesis(engine, script=THREE, speaker=None, **options):
    return Synthesis(engine, {"": speaker or Speaker(base_request())}, script, **options)


def spoken(engine, script=THREE, speaker=None, **options):
    made = synthesis(engine, script, speaker, **options)
    events = list(made.events())
    return made, events


def test_every_chunk_is_a_segment_of_its_own_and_progress_counts_them():
    engine = ScriptedEngine(speech(3), speech(3), speech(3))
    made, events = spoken(engine)
    assert [request.text for request in engine.requests] == [
        segment.text for segment in THREE.segments
    ]
    assert {(event.segment, event.segments) for event in events} == {(1, 3), (2, 3), (3, 3)}
    assert events[-1].made == made.seconds == pytest.approx(9 + 1.3 + 0.2, abs=0.05)
    assert events[-1].expected == events[-1].made
    assert events[-1].left == 0
    assert made.warnings == []


def test_only_the_first_segment_of_a_text_can_find_the_line_full():
    engine = ScriptedEngine(speech(3), speech(3), speech(3))
    spoken(engine)
    assert engine.although_full == [False, True, True]


def test_every_segment_has_a_seed_of_its_own_that_follows_from_the_request_s():
    def seeds(seed):
        engine = ScriptedEngine(*[speech(3)] * 3)
        spoken(engine, speaker=Speaker(base_request(seed=seed)))
        return [request.seed for request in engine.requests]

    assert seeds(7) == seeds(7)
    assert seeds(7)[0] == 7
    assert len({*seeds(7), *seeds(8)}) == 6
    assert all(0 <= seed < 2**32 for seed in seeds(2**32 - 1))


def test_a_designed_voice_is_taken_from_what_was_made_first():
    engine = ScriptedEngine(speech(6), speech(3), speech(3))
    spoken(engine, speaker=Speaker(base_request(), "A warm old man"))
    first, *others = engine.requests
    assert first.text.startswith("(A warm old man)")
    assert first.encoded is None
    for request in others:
        assert not request.text.startswith("(")
        assert set(np.unique(request.encoded.voice)) == {1}
        assert 5 < len(request.encoded.voice) * 0.16 < 8


def test_a_first_chunk_that_is_too_short_for_a_voice_is_added_to():
    engine = ScriptedEngine(speech(1), speech(6), speech(3))
    spoken(engine, speaker=Speaker(base_request(), "A warm old man"))
    assert [request.text[:5] for request in engine.requests] == ["(A wa", "(A wa", "It wi"]
    assert set(np.unique(engine.requests[2].encoded.voice)) == {1, 2}


def test_a_cloned_voice_and_its_style_are_the_same_in_every_segment():
    engine, clip = ScriptedEngine(speech(6), speech(6), speech(3)), np.zeros(32_000, np.float32)
    spoken(engine, speaker=Speaker(base_request(reference=clip), "sad"))
    for request in engine.requests:
        assert request.reference is clip
        assert request.encoded is None
        assert request.text.startswith("(sad)")


DIALOGUE = Script(
    (
        segment("The train was late again, as it was before.", 0.5, "Ann"),
        segment("We have to wait here for quite a while.", 0.5, "Bob"),
        segment("It will be here in the end, I think.", 0.5, "Ann"),
        segment("So you have said for an hour now.", 0, "Bob"),
    )
)


def cast(seed=7):
    return {
        name: Speaker(base_request(seed=speaker_seed(seed, name))) for name in ("Ann", "Bob", "Cy")
    }


def test_in_a_dialogue_each_voice_goes_on_from_what_it_said_itself():
    engine = ScriptedEngine(*[speech(6)] * 4)
    list(Synthesis(engine, cast(), DIALOGUE).events())
    voices = [
        request.encoded and set(np.unique(request.encoded.voice)) for request in engine.requests
    ]
    assert voices == [None, None, {1}, {2}]
    assert engine.although_full == [False, True, True, True]


def test_what_others_say_changes_no_seed_of_a_voice():
    def seeds(script):
        engine = ScriptedEngine(*[speech(6)] * len(script.segments))
        list(Synthesis(engine, cast(), script).events())
        return [request.seed for request in engine.requests]

    ann, bob, ann_again, bob_again = seeds(DIALOGUE)
    assert len({ann, bob, ann_again, bob_again}) == 4
    without_ann = Script((DIALOGUE.segments[1], replace(DIALOGUE.segments[0], speaker="Cy")))
    assert seeds(without_ann)[0] == bob
    assert seeds(DIALOGUE) == [ann, bob, ann_again, bob_again]


def test_a_long_description_makes_no_short_answer_a_bad_segment():
    described = Speaker(
        base_request(), "A warm old man with a deep and tired voice, very slow. " * 5
    )
    engine = ScriptedEngine(speech(0.5))
    made, _ = spoken(engine, Script((segment("Yes.", 0),)), described)
    assert len(engine.requests) == 1
    assert made.warnings == []


@pytest.mark.parametrize(
    ("bad", "capped"),
    [(silence(3), ()), (speech(30), ()), (speech(0.1), ()), (speech(3), (2,))],
    ids=["silent", "far too long", "far too short", "capped"],
)
def test_a_bad_segment_is_made_again_with_another_seed(bad, capped):
    long = Script((THREE.segments[0], segment("We have to wait here for quite a while. " * 3, 0)))
    engine = ScriptedEngine(speech(3), bad, speech(6), capped=capped)
    made, events = spoken(engine, long)
    assert len(engine.requests) == 3
    assert engine.requests[1].text == engine.requests[2].text
    assert engine.requests[1].seed != engine.requests[2].seed
    assert made.seconds == pytest.approx(9 + 0.5 + 0.2, abs=0.1)
    assert made.warnings == []
    assert sum(len(event.audio) for event in events) == round(made.seconds * RATE)


def test_after_three_bad_takes_the_best_is_kept_with_a_warning():
    engine = ScriptedEngine(speech(3), silence(3), speech(20), speech(50), speech(3))
    made, _ = spoken(engine)
    longest = longest_seconds(THREE.segments[1].text)
    assert len(engine.requests) == 5
    assert made.seconds == pytest.approx(3 + longest + 3 + 1.3 + 0.2, abs=0.5)
    assert made.warnings == [
        "Part 2 of 3 may have gone wrong: it is far too long for its text. Another seed may help."
    ]


def test_a_segment_that_does_not_end_is_left_once_it_is_too_long_in_a_stream_too():
    for streamed in (False, True):
        engine = ScriptedEngine(speech(600), *[speech(3)] * 3)
        made, events = spoken(engine, streamed=streamed)
        assert max(event.made for event in events) < 60
        assert len(made.segments) == 3


def test_a_single_segment_that_goes_wrong_is_made_again_too():
    engine = ScriptedEngine(silence(3), speech(2))
    made, _ = spoken(engine, ONE)
    assert np.array_equal(np.concatenate(made.audio), speech(2))


def test_what_has_gone_out_is_not_made_again():
    engine = ScriptedEngine(speech(3), speech(30), speech(3))
    made, events = spoken(engine, streamed=True)
    assert len(engine.requests) == 3
    assert "Part 2 of 3" in made.warnings[0]
    first = next(number for number, event in enumerate(events) if len(event.audio))
    assert first <= 3  # a waiting one and silence came before


def test_in_a_stream_a_segment_of_which_nothing_was_heard_is_made_again():
    engine = ScriptedEngine(silence(3), speech(3), speech(3), speech(3))
    made, _ = spoken(engine, streamed=True)
    assert len(engine.requests) == 4
    assert made.warnings == []
    assert made.seconds == pytest.approx(9 + 1.3 + 0.2, abs=0.05)


def test_a_stream_carries_the_same_sound_as_the_whole():
    sounds = [speech(3), speech(3, level=0.1), speech(0.5)]
    whole, _ = spoken(ScriptedEngine(*sounds))
    streamed, events = spoken(ScriptedEngine(*sounds), streamed=True)
    audio = np.concatenate([event.audio for event in events])
    assert np.array_equal(audio, np.concatenate(streamed.audio))
    assert audio == pytest.approx(np.concatenate(whole.audio), abs=1e-6)


def test_stopping_keeps_what_is_made_and_asks_for_no_more():
    engine = ScriptedEngine(speech(3), speech(3), speech(3))
    made = synthesis(engine, stop_requested=lambda: len(engine.requests) == 2 and engine.is_late)
    engine.is_late = False
    for event in made.events():
        engine.is_late = event.segment == 2 and event.made > 5
    assert made.is_part
    assert len(engine.requests) == 2
    assert 4.5 < made.seconds < 6


def test_stopping_a_text_that_waits_for_its_turn_leaves_nothing():
    made, _ = spoken(ScriptedEngine(speech(3)), stop_requested=lambda: True)
    assert made.is_part
    assert made.audio == []


def lose_the_gpu():
    raise GpuLostError


def test_who_can_stop_also_keeps_what_is_made_before_a_failure():
    made, _ = spoken(ScriptedEngine(speech(3), lose_the_gpu), stop_requested=lambda: False)
    assert made.is_part
    assert "taken away" in made.warnings[0]
    assert made.seconds == pytest.approx(3 + 0.5, abs=0.05)


def test_others_get_the_failure():
    with pytest.raises(GpuLostError):
        spoken(ScriptedEngine(speech(3), lose_the_gpu))

    def refuse():
        raise BusyError("Full.", 1)

    with pytest.raises(BusyError):
        spoken(ScriptedEngine(refuse), stop_requested=lambda: False)


def test_whoever_leaves_ends_the_segment():
    engine = ScriptedEngine(speech(3), speech(3), speech(3))
    with closing(synthesis(engine).events()) as events:
        for _ in range(5):
            next(events)
    assert len(engine.requests) == 1


def test_the_time_left_follows_from_the_pace_so_far():
    tempo = DurationEstimator(THREE)
    assert tempo.left(0, 0) is None
    assert tempo.expected(0) == pytest.approx(THREE.seconds)
    # Half of a second for a second of audio.
    assert tempo.left(2, 1) == pytest.approx((THREE.seconds - 2) / 2)
    first = THREE.segments[0].seconds + THREE.segments[0].pause
    tempo.finish(0, 1.5 * first)  # a slow speaker, who will be slow in the others, too
    assert tempo.expected(1.5 * first) == pytest.approx(1.5 * THREE.seconds)
    tempo.finish(2, 20)
    assert tempo.expected(20) == 20
    assert tempo.left(20, 9) == 0
