"""What is spoken by the name of a voice is what is spoken with its file."""

import base64

import numpy as np
import pytest

from voxcpm_space.errors import InputError
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio, finished

QUICK = {"text": "A short sentence.", "dit_steps": 2, "seed": 1}
TALK = QUICK | {"text": "Ann: Hello.\nBob: Hi.\nCy: Good morning."}


@pytest.fixture
def studio(engine, folder):
    return Studio(Settings(asr_model="", voices=folder), engine, Outputs(keep_seconds=3600))


@pytest.fixture
def spoken(studio):
    """Gives the audio file that a request leads to."""
    return lambda fields: finished(studio.speak(QUICK | fields)).path.read_bytes()


@pytest.fixture
def cloned(studio):
    return lambda fields: finished(studio.clone(QUICK | fields)).path.read_bytes()


def test_a_clip_with_its_transcript_is_cloned_as_if_both_were_given(
    put_clip, uploads, spoken, cloned
):
    clip = put_clip("ann.wav", "Yes.")
    (uploads / "ann.wav").write_bytes(clip.read_bytes())
    expected = cloned({"reference_audio_url": str(uploads / "ann.wav"), "prompt_text": "Yes."})
    assert spoken({"voice": "Ann"}) == expected
    assert cloned({"voice": "ann"}) == expected


def test_a_style_takes_the_place_of_the_transcript(put_clip, studio, requests):
    put_clip("ann.wav", "Yes.")
    speech = finished(studio.clone(QUICK | {"voice": "ann", "style": "sad"}))
    assert requests[-1].text == "(sad)A short sentence."
    assert requests[-1].transcript == ""
    assert speech.reference.origin == "none"


def test_a_kept_voice_speaks_by_its_name(put_kept, folder, uploads, spoken):
    put_kept("grandfather.safetensors")
    copy = uploads / "kept.safetensors"
    copy.write_bytes((folder / "grandfather.safetensors").read_bytes())
    assert spoken({"voice": "grandfather"}) == spoken({"voice": str(copy)})


def test_an_example_is_a_voice_at_every_door(studio):
    speech = finished(studio.speak(QUICK | {"voice": "english-male-rms"}))
    assert speech.reference.origin == "given"


def test_in_a_dialogue_names_have_voices_beside_descriptions(put_clip, put_kept, studio, requests):
    put_clip("alloy.wav", "Yes.")
    kept = put_kept("grandfather.safetensors")
    voices = {"Ann": "Alloy", "Bob": "grandfather", "Cy": "A tired old man"}
    finished(studio.speak(TALK | {"voices": voices}))
    ann, bob, cy = (
        next(each for each in requests if each.text.endswith(text))
        for text in ("Hello.", "Hi.", "Good morning.")
    )
    assert (ann.text, ann.transcript) == ("Hello.", "Yes.")
    assert ann.reference is not None
    assert (bob.text, bob.transcript) == ("Hi.", "")
    assert np.array_equal(bob.encoded.voice, kept.encoded.voice)
    assert cy.text == "(A tired old man)Good morning."


def test_in_a_dialogue_names_have_files_of_kept_voices_and_clips(
    put_clip, put_kept, folder, uploads, studio, requests
):
    kept = put_kept("grandfather.safetensors")
    file = folder / "grandfather.safetensors"
    clip = uploads / "bob.wav"
    clip.write_bytes(put_clip("bob.wav").read_bytes())
    url = f"data:;base64,{base64.b64encode(file.read_bytes()).decode()}"
    voices = {"Ann": url, "Bob": {"path": str(clip)}, "Cy": "data: a robot, of few words"}
    finished(studio.speak(TALK | {"voices": voices}))
    ann, bob, cy = (
        next(each for each in requests if each.text.endswith(text))
        for text in ("Hello.", "Hi.", "Good morning.")
    )
    assert np.array_equal(ann.encoded.voice, kept.encoded.voice)
    assert bob.reference is not None
    assert cy.text == "(data: a robot, of few words)Good morning."


def test_one_voice_can_say_a_dialogue_and_be_kept(put_kept, studio):
    kept = put_kept("grandfather.safetensors")
    fields = {"text": "Ann: Hello.", "voices": {"Ann": "grandfather"}}
    speech = finished(studio.speak(QUICK | fields))
    assert np.array_equal(speech.voice.encoded.voice, kept.encoded.voice)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"voice": "bob"}, "There is no voice of the name bob. There are: ann, broken"),
        ({"voice": "../voices/ann"}, "or the name of a voice of this server"),
        ({"voice": "\ud800"}, "is not valid Unicode"),
        ({"voice": "x" * 256}, "name of the voice has 256 characters"),
        ({"voice": "ann.wav"}, "There is no voice of the name ann.wav"),
        ({"voice": "broken"}, "not audio that can be read here"),
        ({"voice": "short"}, "clip"),
        ({"voice": "huge"}, "larger than 25 MB"),
        ({"voice": "no-voice"}, "not in the safetensors format"),
        ({"voice": "ann", "voice_description": "old"}, "cannot be used together"),
        (TALK | {"voices": {"ann": {"path": "/etc/passwd"}}}, "Voice of Ann: it must be a voice"),
        (TALK | {"voices": {"Bob": {}}}, "Voice of Bob: it must be a voice description"),
        (TALK | {"voices": {"Cy": "data:,text"}}, "Voice of Cy: The reference clip is not audio"),
        (TALK | {"voices": {"Cy": "http://127.0.0.1/"}}, "Voice of Cy: "),
    ],
)
def test_what_cannot_speak_is_refused_with_a_sentence(
    put_clip, folder, studio, made_files, fields, sentence
):
    put_clip("ann.wav")
    (folder / "broken.wav").write_bytes(b"RIFF" + bytes(100))
    (folder / "no-voice.safetensors").write_bytes(b"x")
    (folder / "short.wav").write_bytes(b"")
    with (folder / "huge.wav").open("wb") as file:
        file.truncate(26 * 2**20)
    with pytest.raises(InputError) as refusal:
        finished(studio.speak(QUICK | fields))
    assert sentence in str(refusal.value)
    assert made_files() == []


def test_a_lora_is_asked_for_by_its_name(studio, engine, requests, monkeypatch):
    with pytest.raises(InputError, match="no LoRA weights here that can be named"):
        finished(studio.speak(QUICK | {"lora": "ann"}))
    monkeypatch.setattr(engine, "loras", ("ann", "bob"))
    with pytest.raises(InputError, match=r"no LoRA weights of the name 'cy'. There are: ann, bob"):
        finished(studio.speak(QUICK | {"lora": "cy"}))
    finished(studio.speak(QUICK | {"lora": "ann"}))
    finished(studio.speak(QUICK | {"lora": None}))
    assert [request.lora for request in requests] == ["ann", ""]
