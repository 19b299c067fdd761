import math

import pytest

from voxcpm_space.checking import checked, json_schema
from voxcpm_space.errors import InputError
from voxcpm_space.schemas import DEFAULT_DIT_STEPS, EVALUATIONS, CloningRequest, SpeechRequest
from voxcpm_space.settings import Settings

LIMITS = Settings()


def test_only_the_text_is_needed_and_the_defaults_are_the_hosted_ones():
    request = checked(SpeechRequest, {"text": "Hello."}, LIMITS)
    assert (request.cfg_value, request.dit_steps, request.normalize) == (2.0, 10, False)


def test_what_servers_of_the_model_have_fixed_is_so_in_the_schema_too():
    there = Settings(engine_url="http://gpu1:8091")
    fields = json_schema(SpeechRequest, there)["properties"]
    assert (fields["cfg_value"]["minimum"], fields["cfg_value"]["maximum"]) == (2, 2)
    assert (fields["dit_steps"]["minimum"], fields["dit_steps"]["maximum"]) == (10, 10)
    assert json_schema(SpeechRequest, LIMITS)["properties"]["dit_steps"]["maximum"] == 50
    assert "quality" in json_schema(SpeechRequest, LIMITS)["properties"]
    assert "quality" not in fields


def test_each_request_without_a_seed_draws_its_own():
    seeds = {checked(SpeechRequest, {"text": "Hello."}, LIMITS).seed for _ in range(20)}
    assert len(seeds) == 20
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_whole_numbers_may_come_as_floats_and_floats_as_whole_numbers():
    request = checked(
        SpeechRequest, {"text": "Hi", "dit_steps": 12.0, "seed": 7.0, "cfg_value": 3}, LIMITS
    )
    assert (request.dit_steps, request.seed, request.cfg_value) == (12, 7, 3.0)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("cfg_value", math.nan, "cfg_value must be a number from 1 to 3, not NaN."),
        ("cfg_value", math.inf, "cfg_value must be a number from 1 to 3, not infinity."),
        ("cfg_value", "2.0", "cfg_value must be a number from 1 to 3, not '2.0'."),
        ("cfg_value", 0.9, "cfg_value must be a number from 1 to 3, not 0.9."),
        ("cfg_value", 1e308, "cfg_value must be a number from 1 to 3, not 1e+308."),
        ("cfg_value", True, "cfg_value must be a number from 1 to 3, not True."),
        ("dit_steps", 0, "dit_steps must be a whole number from 1 to 50, not 0."),
        ("dit_steps", 51, "dit_steps must be a whole number from 1 to 50, not 51."),
        ("dit_steps", 9.5, "dit_steps must be a whole number from 1 to 50, not 9.5."),
        ("dit_steps", math.inf, "dit_steps must be a whole number from 1 to 50, not infinity."),
        ("dit_steps", [10], "dit_steps must be a whole number from 1 to 50, not [10]."),
        ("quality", "fast", "quality must be one of draft, standard, best, not 'fast'."),
        ("quality", 1, "quality must be one of draft, standard, best, not 1."),
        ("seed", -1, "seed must be a whole number from 0 to 4294967295, not -1."),
        ("seed", 2**32, "seed must be a whole number from 0 to 4294967295, not 4294967296."),
        ("seed", "x", "seed must be a whole number from 0 to 4294967295, not 'x'."),
        ("normalize", "yes", "normalize must be true or false, not 'yes'."),
        ("text", None, "text must be a string, not None."),
        ("text", {"a": 1}, "text must be a string, not {'a': 1}."),
        ("voice_description", 5, "voice_description must be a string, not 5."),
        ("voice_description", "x" * 2001, "The voice description has 2,001 characters; at mo"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(field, value, sentence):
    with pytest.raises(InputError) as refusal:
        checked(SpeechRequest, {"text": "Hello.", field: value}, LIMITS)
    assert str(refusal.value).startswith(sentence)


def test_a_quality_leaves_no_choice_of_steps():
    request = checked(SpeechRequest, {"text": "Hi", "quality": "draft", "dit_steps": 10}, LIMITS)
    assert request.quality == "draft"
    with pytest.raises(InputError, match="cannot be used together") as refusal:
        checked(SpeechRequest, {"text": "Hi", "quality": "draft", "dit_steps": 9}, LIMITS)
    assert refusal.value.field == "quality"


def test_no_quality_takes_longer_than_the_default():
    default_evaluations = DEFAULT_DIT_STEPS - 1  # the first step stands still
    assert list(EVALUATIONS.values()) == sorted(EVALUATIONS.values())
    assert max(EVALUATIONS.values()) <= default_evaluations


def test_the_operator_can_set_the_limits():
    limits = Settings(max_dit_steps=20, max_text_length=5)
    with pytest.raises(InputError, match="from 1 to 20, not 21"):
        checked(SpeechRequest, {"text": "Hi", "dit_steps": 21}, limits)
    with pytest.raises(InputError, match="at most 5 are allowed"):
        checked(SpeechRequest, {"text": "Hello."}, limits)


def test_null_is_the_default_of_an_optional_field_and_none_of_the_text():
    names = ["cfg_value", "dit_steps", "quality", "seed", "normalize", "voices", "speed"]
    given = dict.fromkeys(names)
    request = checked(SpeechRequest, {"text": "Hello.", **given}, LIMITS)
    assert (request.cfg_value, request.dit_steps, request.normalize) == (2.0, 10, False)
    assert request.speed == 1
    with pytest.raises(InputError, match="text must be a string, not None"):
        checked(SpeechRequest, {"text": None}, LIMITS)


def test_a_missing_field_and_an_unknown_one_are_named():
    with pytest.raises(InputError, match="text is missing"):
        checked(SpeechRequest, {}, LIMITS)
    with pytest.raises(
        InputError, match=r"'pitch' is not a parameter\. There are: text, cfg_value"
    ):
        checked(SpeechRequest, {"text": "Hi", "pitch": 2}, LIMITS)


def test_a_huge_value_is_not_echoed_whole():
    with pytest.raises(InputError) as refusal:
        checked(SpeechRequest, {"text": "Hi", "cfg_value": "\ud800" * 10_000}, LIMITS)
    assert len(str(refusal.value)) < 200
    str(refusal.value).encode()


def test_a_transcript_has_its_own_limit_and_sentence():
    fields = {"text": "Hi", "reference_audio_url": "x", "prompt_text": "word " * 2000}
    with pytest.raises(InputError, match=r"transcript \(prompt_text\) has 10,000 characters"):
        checked(CloningRequest, fields, LIMITS)


def test_style_and_transcript_exclude_each_other():
    fields = {"text": "Hi", "reference_audio_url": "x", "prompt_text": "Yes.", "style": "sad"}
    with pytest.raises(InputError, match="cannot be used together"):
        checked(CloningRequest, fields, LIMITS)


TALK = "Ann: Hello.\nBob: Hi.\nann: How are you?"


def in_dialogue(voices, text=TALK):
    return checked(SpeechRequest, {"text": text, "voices": voices}, LIMITS).descriptions


def test_voices_are_found_by_name_however_it_is_written():
    assert in_dialogue(None) == in_dialogue({}) == {}
    assert in_dialogue({" ANN ": "An (old) woman", "**Bob**": ""}) == {
        "Ann": "An old woman",
        "Bob": "",
    }


@pytest.mark.parametrize(
    ("voices", "sentence"),
    [
        ("Ann", "voices must be an object with a voice for each of at most 8 names"),
        (["Ann"], "voices must be an object"),
        ({"Ann": 5}, "voices must be an object"),
        ({"Ann": None}, "voices must be an object"),
        ({str(number): "" for number in range(9)}, "voices must be an object"),
        ({"Cy": ""}, "voices names 'Cy', who is not in the text. It has Ann, Bob."),
        ({"": ""}, "voices names '', who is not in the text."),
        ({"Ann": "", "ANN": ""}, "voices has Ann twice."),
        ({"Ann": "x" * 2001}, "The voice description of Ann has 2,001 characters"),
        ({"x" * 10_000: ""}, "The name in voices has 10,000 characters"),
        ({"Ann\0": ""}, "The name in voices holds the control character U+0000"),
        ({"\ud800": ""}, "The name in voices is not valid Unicode"),
    ],
)
def test_wrong_voices_are_refused_with_the_reason(voices, sentence):
    with pytest.raises(InputError) as refusal:
        in_dialogue(voices)
    assert str(refusal.value).startswith(sentence)


def test_nobody_is_named_in_a_text_without_names():
    with pytest.raises(InputError, match=r"names 'Ann', who is not in the text\. It has no names"):
        in_dialogue({"Ann": ""}, "Hello.")


def test_a_dialogue_of_too_many_is_refused_before_anything_is_made():
    with pytest.raises(InputError, match="has 9 names"):
        in_dialogue({}, "\n".join(f"Speaker {number}: Hello." for number in range(9)))


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        (SpeechRequest, {"voice_description": "sad"}, "A voice and a voice_description cannot be"),
        (CloningRequest, {"reference_audio_url": "x"}, "Please give voice or reference_audio_url"),
        (CloningRequest, {"prompt_text": "Yes."}, "Please leave prompt_text out"),
    ],
)
def test_a_voice_stands_alone(kind, fields, sentence):
    with pytest.raises(InputError, match=sentence):
        checked(kind, {"text": "Hi", "voice": "data:,x"} | fields, LIMITS)
    for nothing in ("", None):
        assert not checked(kind, {"text": "Hi", "voice": nothing} | fields, LIMITS).has_voice


def test_pauses_count_as_what_could_be_said_meanwhile():
    limits = Settings(max_text_length=100)
    text = "Breathe in. [pause 5s] Breathe out."  # 35 characters, and 75 for 5 s
    with pytest.raises(InputError) as refusal:
        checked(SpeechRequest, {"text": text}, limits)
    assert str(refusal.value).startswith(
        "The text has 35 characters, and its pauses count as 75, 15 a second; "
        "together 100 are allowed."
    )
    assert checked(SpeechRequest, {"text": text.replace("5s", "4s")}, limits).text


def test_what_was_checked_is_not_checked_and_parsed_again():
    request = checked(SpeechRequest, {"text": "Hello."}, LIMITS)
    assert checked(SpeechRequest, request, LIMITS) is request
