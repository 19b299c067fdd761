import json

import pytest
import soundfile

from tests.listening import level_dbfs, median_f0, read
from voxcpm_space.checking import checked
from voxcpm_space.examples import EXAMPLES, clips, dialogue, presets
from voxcpm_space.schemas import SpeechRequest
from voxcpm_space.settings import Settings
from voxcpm_space.text import (
    MAX_DESCRIPTION_LENGTH,
    speaker_names,
    validate_description,
    validate_text,
)

MANIFEST = json.loads((EXAMPLES / "clips.json").read_text("utf-8"))


def test_there_are_clips_in_several_languages_with_high_and_low_voices():
    assert len(clips()) >= 6
    assert len({entry["language"] for entry in MANIFEST}) >= 3
    pitches = [median_f0(*read(clip.path)) for clip in clips()]
    assert min(pitches) < 110
    assert max(pitches) > 165


@pytest.mark.parametrize("clip", clips(), ids=lambda clip: clip.path.stem)
def test_a_clip_is_a_good_reference(clip):
    with soundfile.SoundFile(clip.path) as file:
        assert file.channels == 1
        assert 5 <= file.frames / file.samplerate <= 12
    samples, _ = read(clip.path)
    assert level_dbfs(samples) == pytest.approx(-24, abs=1)
    assert abs(samples).max() < 0.9
    assert clip.transcript
    assert validate_text(clip.text, Settings().max_text_length) == clip.text


def test_every_clip_says_where_it_comes_from():
    for entry in MANIFEST:
        assert entry["synthesizer"]
        assert entry["licence"]


def test_presets_are_ready_to_speak_in_english_and_chinese():
    assert len(presets()) >= 8
    assert any("\u4e00" <= preset.text[0] <= "\u9fff" for preset in presets())
    for preset in presets():
        assert len(preset.description) <= MAX_DESCRIPTION_LENGTH
        assert validate_description(preset.description, "voice description") == preset.description
        assert validate_text(preset.text, Settings().max_text_length) == preset.text


def test_the_dialogue_is_ready_to_speak_with_a_description_of_every_voice():
    talk = dialogue()
    fields = {"text": talk.text, "voices": talk.voices, "voice_description": talk.narrator}
    request = checked(SpeechRequest, fields, Settings())
    assert speaker_names(request.text) == ("", *request.voices)
    assert request.voices == talk.voices
    assert request.voice_description == talk.narrator
