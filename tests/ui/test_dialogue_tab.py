import json

import gradio as gr
import pytest

from voxcpm_space.checking import checked
from voxcpm_space.errors import InputError
from voxcpm_space.schemas import SpeechRequest
from voxcpm_space.settings import Settings
from voxcpm_space.ui.dialogue import _look, cast_fields, cast_values

ASKED = gr.Request(headers={"accept-language": "en"})
NAMES = {"english-male-rms"}
TALK = "A kitchen.\nAnn: Hello.\nCy: Hi."


def fields(script, cast, kept=()):
    return cast_fields(script, json.dumps(cast), json.dumps(dict(kept)), NAMES)


def test_voices_are_those_of_who_is_in_the_script_as_it_is_now():
    cast = {"": "A calm man", "ANN": "a girl", "Bob": "a man"}
    assert fields(TALK, cast) == {
        "text": TALK,
        "voices": {"Ann": "a girl", "Cy": ""},  # Bob was given another name
        "voice_description": "A calm man",
    }


@pytest.mark.parametrize(
    ("narrator", "field"),
    [
        ("English-Male-RMS", {"voice": "English-Male-RMS"}),
        ({"kept": "Ida"}, {"voice": "data:;base64,AA=="}),
        ("", {"voice_description": ""}),
    ],
)
def test_a_narrator_can_have_a_voice_of_the_server_or_a_kept_one(narrator, field):
    made = fields(TALK, {"": narrator}, {"Ida": "data:;base64,AA=="})
    assert made == {"text": TALK, "voices": {"Ann": "", "Cy": ""}, **field}


def test_an_own_clip_speaks_only_after_a_tick_and_while_it_is_there(upload, tone):
    clip = {"path": upload(tone()), "mayUse": True}
    assert fields(TALK, {"Cy": clip})["voices"]["Cy"] == clip
    for wrong, sentence in (
        (clip | {"mayUse": False}, "confirm first that you may use the voice of Cy"),
        (clip | {"path": "/etc/passwd"}, "There is no clip for Cy"),
        (clip | {"path": f"{clip['path']}.gone"}, "There is no clip for Cy"),
        ({"kept": "Ida"}, "The voice of Cy is not in this browser any more"),
    ):
        with pytest.raises(InputError, match=sentence):
            fields(TALK, {"Cy": wrong})


def test_who_is_not_in_the_script_need_not_be_right():
    assert "Bob" not in fields(TALK, {"Bob": {"path": "", "mayUse": False}})["voices"]


def test_what_a_dialogue_was_made_from_can_be_brought_back():
    cast = {"": "A calm man", "Ann": "english-male-rms", "Cy": "data:;base64,AA=="}
    request = checked(SpeechRequest, fields(TALK, cast) | {"seed": 7}, Settings())
    assert cast_values(request)[:2] == [TALK, json.dumps(cast)]


def test_a_script_is_divided_into_rows_as_it_is_written():
    script = "\nA kitchen.\n\n**Ann:** Hello.\nAre you there?\nann: Well?\nMind this: no name, ok."
    told, turns = _look(ASKED, script)
    assert told == ""
    assert json.loads(turns) == {
        "script": script,
        "turns": [
            ["", "A kitchen."],
            ["Ann", "Hello.\nAre you there?"],
            ["ann", "Well?"],
            ["Mind this", "no name, ok."],
        ],
    }


def test_too_many_names_are_said_while_they_are_typed():
    told, turns = _look(ASKED, "\n".join(f"Speaker {number}: Hi." for number in range(9)))
    assert "at most 8 are allowed" in told
    assert len(json.loads(turns)["turns"]) == 9
