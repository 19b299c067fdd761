from contextlib import closing

import numpy as np
import pytest
import soundfile

from tests.listening import level_dbfs, read
from tests.whisper_base import whisper_base
from voxcpm_space.engine import GenerationRequest
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Progress, Speech, Studio, finished
from voxcpm_space.synthesis.loudness import measure_loudness
from voxcpm_space.voices import voice_file

TEXT = "A short sentence."
OTHER = "This one is longer than the one before it."
LONG = "\n\n".join([TEXT * 3] * 6)
"""So that also the random voice, which ends takes early, makes more than a second."""
QUICK = {"text": TEXT, "dit_steps": 1, "seed": 1}
HEEDFUL = QUICK | {"dit_steps": 3}
"""What is made in a single step is noise, whatever text and voice are."""


@pytest.fixture
def kept(uploads):
    """Keeps the voice of a speech, and gives the path of its file."""

    def keep(speech):
        path = uploads / "kept.safetensors"
        path.write_bytes(voice_file(speech.voice))
        return str(path)

    return keep


def test_speaking_reports_progress_and_ends_with_a_file(studio, engine):
    *events, speech = studio.speak(QUICK)
    made = [event.made for event in events]
    assert all(isinstance(event, Progress) for event in events)
    assert made == sorted(made)
    assert made[-1] == speech.seconds
    with soundfile.SoundFile(speech.path) as file:
        assert file.frames / file.samplerate == speech.seconds
        assert engine.status.model in file.comment
        assert "Synthetic" in file.comment
        assert "seed 1" in file.comment


def test_the_drawn_seed_makes_the_same_audio_again(studio):
    first = finished(studio.speak({"text": TEXT, "dit_steps": 1}))
    again = finished(studio.speak({"text": TEXT, "dit_steps": 1, "seed": first.seed}))
    assert first.path != again.path
    assert first.path.read_bytes() == again.path.read_bytes()


@pytest.mark.parametrize(
    ("quality", "steps"),
    [
        ({}, (10, "euler")),
        ({"quality": "draft"}, (4, "adams-bashforth")),
        ({"quality": "standard"}, (6, "adams-bashforth")),
        ({"quality": "best"}, (9, "adams-bashforth")),
        ({"dit_steps": 3}, (3, "euler")),
    ],
)
def test_a_quality_names_solver_and_steps(studio, requests, quality, steps):
    finished(studio.speak({"text": TEXT, **quality}))
    assert [(request.dit_steps, request.solver) for request in requests] == [steps]


def test_a_text_of_one_chunk_is_exactly_what_the_engine_makes(studio, engine):
    speech = finished(studio.speak(QUICK))
    *patches, _ = engine.stream(GenerationRequest(TEXT, 1, 2.0, 1))
    samples, _ = soundfile.read(speech.path, dtype="float32")
    np.testing.assert_allclose(samples, np.concatenate(patches), atol=2 / 2**16)


def test_a_long_text_is_one_file_whatever_door_it_goes_through(studio, requests):
    text = "\n\n".join([TEXT * 3] * 3)
    speech = finished(studio.speak(QUICK | {"text": text}))
    again = finished(studio.speak(QUICK | {"text": text}))
    streamed = finished(studio.speak(QUICK | {"text": text}, streamed=True))
    assert speech.path.read_bytes() == again.path.read_bytes() == streamed.path.read_bytes()
    assert [request.text for request in requests] == [TEXT * 3] * 9
    assert requests[0].encoded is None
    assert requests[1].encoded is not None
    assert speech.seconds == soundfile.info(speech.path).duration


def test_what_was_changed_in_a_text_comes_with_the_speech(studio, requests):
    speech = finished(studio.speak(QUICK | {"text": "# A **short** sentence."}))
    assert speech.notes == ("Markdown marks removed",)
    assert requests[0].text == TEXT


def test_what_normalization_left_as_it_was_comes_with_the_speech(studio, requests):
    speech = finished(studio.speak(QUICK | {"text": "It is [5] or 42.", "normalize": True}))
    assert speech.notes == ("some numbers or signs left as they are written",)
    assert requests[0].text == "It is [5] or forty two."


def test_a_text_that_begins_with_a_parenthesis_has_no_style_but_the_one_that_is_given(
    studio, requests
):
    finished(studio.speak(QUICK | {"text": "(Really) yes."}))
    finished(studio.speak(QUICK | {"text": "(Really) yes.", "voice_description": "sad"}))
    assert [request.text for request in requests] == ["Really, yes.", "(sad)Really, yes."]


@pytest.mark.parametrize("text", ["Hi[pause 1s]" * 101, "<br/>&nbsp;<!-- no words -->"])
def test_what_cannot_be_spoken_reaches_no_gpu(studio, requests, made_files, text):
    with pytest.raises(InputError, match=r"has 101 pauses|The text is empty"):
        finished(studio.speak(QUICK | {"text": text}))
    assert requests == []
    assert made_files() == []


def test_stopping_leaves_a_file_with_what_is_made(studio, made_files):
    text = "\n\n".join([TEXT * 3] * 3)
    asked = iter([False] * 6)
    stopped = studio.speak(QUICK | {"text": text}, stop_requested=lambda: next(asked, True))
    speech = finished(stopped)
    assert speech.is_part
    assert made_files() == [speech.path]
    whole = finished(studio.speak(QUICK | {"text": text}))
    assert not whole.is_part
    assert 0 < speech.seconds < whole.seconds


def test_stopping_before_there_is_sound_leaves_nothing(studio, engine, made_files):
    with closing(engine.stream(GenerationRequest(TEXT * 20, 1, 2.0, 150))) as other:
        next(other)
        events = list(studio.speak(QUICK, stop_requested=lambda: True))
    assert [event.waiting.ahead for event in events[:1]] == [1]
    assert not any(isinstance(event, Speech) for event in events)
    assert made_files() == []


def test_a_clone_carries_its_clip_and_transcript_to_the_engine(studio, requests, upload, tone):
    path = upload(tone(2))
    finished(studio.clone(QUICK | {"reference_audio_url": path, "prompt_text": "Yes."}))
    assert requests[0].transcript == "Yes."
    assert len(requests[0].reference) == 2 * 16_000
    assert level_dbfs(requests[0].reference) == pytest.approx(-24, abs=0.1)


def test_a_transcript_that_begins_with_parentheses_is_no_style(
    studio, requests, upload, tone, kept
):
    clip = {"reference_audio_url": upload(tone(2)), "prompt_text": "(Laughs) Yes, of course."}
    cloned = finished(studio.clone(QUICK | clip))
    finished(studio.speak(QUICK | {"voice": kept(cloned)}))
    assert {request.transcript for request in requests} == {"Laughs, Yes, of course."}


@pytest.mark.slow
def test_a_missing_transcript_is_recognized_unless_a_style_or_the_caller_forbids(
    engine, requests, upload
):
    spoken, sample_rate = read(clips()[0].path)
    clip = {"reference_audio_url": upload(spoken, sample_rate)}
    studio = Studio(Settings(asr_model=str(whisper_base())), engine, Outputs(keep_seconds=3600))
    for fields in ({}, {"style": "sad"}, {"transcribe": False}):
        finished(studio.clone(QUICK | clip | fields))
    heard, *others = [request.transcript for request in requests]
    assert heard.startswith("Good morning and thank you")
    assert others == ["", ""]


def test_what_is_wrong_with_a_clip_comes_with_the_speech(studio, upload, tone):
    path = upload(tone(2))
    speech = finished(studio.clone(QUICK | {"reference_audio_url": path}))
    assert "2.0 s of speech" in speech.reference.warnings[0]
    assert finished(studio.speak(QUICK)).reference is None


def test_a_finished_clone_keeps_no_more_of_its_clip_than_was_used(engine, upload, tone):
    studio = Studio(Settings(asr_model="", max_reference_seconds=5), engine, Outputs(3600))
    speech = finished(studio.clone(QUICK | {"reference_audio_url": upload(tone(60))}))
    assert speech.reference.seconds <= 5
    assert "Of the 60.0 s of the clip" in speech.reference.warnings[0]


def test_descriptions_styles_and_normalized_numbers_reach_the_text(studio, requests, upload, tone):
    path = upload(tone(2))
    finished(studio.speak(QUICK | {"voice_description": "An (old) man"}))
    finished(studio.clone(QUICK | {"reference_audio_url": path, "style": "sad"}))
    finished(studio.speak(QUICK | {"text": "I have 42 cats.", "normalize": True}))
    finished(studio.speak(QUICK | {"text": "I have 42 cats."}))
    assert [request.text for request in requests] == [
        f"(An old man){TEXT}",
        f"(sad){TEXT}",
        "I have forty two cats.",
        "I have 42 cats.",
    ]


ANN, BOB = "A short sentence of Ann's.", "And a short one of Bob's."
TALK = QUICK | {"text": f"Ann: {ANN}\nBob: {BOB}\nANN: {ANN}\nBob: {BOB}", "voices": {}}


def test_in_a_dialogue_each_name_has_its_voice_from_first_to_last(studio, requests):
    speech = finished(studio.speak(TALK | {"voices": {"bob": "A tired old man"}}))
    assert [request.text for request in requests] == [
        ANN,
        f"(A tired old man){BOB}",
        ANN,
        f"(A tired old man){BOB}",  # said again, since one short turn is not yet a voice
    ]
    ann, bob, ann_again, bob_again = requests
    assert ann.encoded is bob.encoded is None
    assert not np.array_equal(ann_again.encoded.voice[:5], bob_again.encoded.voice[:5])
    assert speech.seconds == soundfile.info(speech.path).duration


def test_the_same_seed_makes_the_same_dialogue_whatever_door_it_goes_through(studio):
    speech = finished(studio.speak(TALK))
    again = finished(studio.speak(TALK))
    streamed = finished(studio.speak(TALK, streamed=True))
    other = finished(studio.speak(TALK | {"seed": 2}))
    assert speech.path.read_bytes() == again.path.read_bytes() == streamed.path.read_bytes()
    assert speech.path.read_bytes() != other.path.read_bytes()


def test_an_undescribed_voice_is_its_name_s_and_stays_when_others_say_more(studio, requests):
    finished(studio.speak(QUICK | {"text": f"Ann: {ANN}\nBob: {BOB}", "voices": {}}))
    finished(studio.speak(QUICK | {"text": f"Cy: {BOB}\nAnn: {BOB}\nbob : {BOB}", "voices": {}}))
    _, bob, cy, ann, bob_again = [request.seed for request in requests]
    assert bob == bob_again
    assert len({bob, cy, ann}) == 3


def test_a_narrator_speaks_with_the_voice_that_no_name_has(studio, requests):
    talk = {"text": f"{BOB}\n\nAnn: {ANN}", "voice_description": "A clear voice"}
    finished(studio.speak(QUICK | talk | {"voices": {"Ann": "A girl"}}))
    assert [request.text[:8] for request in requests] == ["(A clear", "(A girl)"]
    assert requests[0].seed == 1


def test_without_voices_names_are_spoken(studio, requests):
    finished(studio.speak(QUICK | {"text": "Ann: Hello."}))
    assert requests[0].text == "Ann: Hello."


def test_stopping_a_dialogue_leaves_what_was_said(studio):
    asked = iter([False] * 6)
    speech = finished(studio.speak(TALK, stop_requested=lambda: next(asked, True)))
    assert speech.is_part


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "   "},
        {"text": "x" * 20_001},
        {"text": "\ud800"},
        {"cfg_value": float("nan")},
        {"dit_steps": "10"},
        {"seed": 2**32},
        {"reference_audio_url": None},
        {"reference_audio_url": "/etc/passwd"},
        {"prompt_text": "x" * 10_000},
        {"prompt_text": "Yes.", "style": "sad"},
        {"reference_start": float("nan")},
        {"denoise": "yes"},
        {"surprise": 1},
    ],
)
def test_bad_input_reaches_no_gpu_and_leaves_no_file(
    studio, requests, made_files, upload, tone, wrong
):
    with pytest.raises(InputError):
        finished(studio.clone(QUICK | {"reference_audio_url": upload(tone(2))} | wrong))
    assert requests == []
    assert made_files() == []


def test_giving_up_in_the_middle_leaves_no_file_and_frees_the_model(studio, made_files):
    events = studio.speak(QUICK | {"text": TEXT * 5})
    next(events)
    events.close()
    assert made_files() == []
    assert finished(studio.speak(QUICK)).path.exists()


def test_parts_and_sentences_are_where_there_is_sound_in_the_file(studio):
    text = "\n\n".join([f"{TEXT} {OTHER}"] * 2)
    speech = finished(studio.speak(QUICK | {"text": text}))
    samples, rate = soundfile.read(speech.path, dtype="float32")
    assert [part.text for part in speech.parts] == text.split("\n\n")
    assert [span.text for span in speech.sentences] == [TEXT, OTHER] * 2
    for part in speech.parts:
        start, end = round(part.start * rate), round(part.end * rate)
        assert measure_loudness(samples[start:end], rate).frames > 10
        samples[start:end] = 0
    assert measure_loudness(samples, rate).frames == 0


def test_a_part_made_again_is_a_new_file_in_which_the_rest_is_the_same(studio, requests, engine):
    text = "\n\n".join([TEXT * 3] * 3)
    old = finished(studio.speak(QUICK | {"text": text, "voice_description": "An old man"}))
    new = finished(studio.regenerate(old.id, 2))
    before, after = (soundfile.read(one.path, dtype="int16")[0] for one in (old, new))
    start, end = old.timeline.starts[1:3]
    assert np.array_equal(before[:start], after[:start])
    assert np.array_equal(before[end:], after[new.timeline.starts[2] :])
    assert not np.array_equal(before[start:end], after[start : new.timeline.starts[2]])
    assert new.seconds == len(after) / engine.sample_rate == soundfile.info(new.path).duration
    assert new.new_seconds == pytest.approx((new.timeline.starts[2] - start) / engine.sample_rate)
    assert (new.request, new.seed) == (old.request, old.seed)
    known = requests[2].encoded.voice  # and the third part added to it
    assert np.array_equal(requests[-1].encoded.voice[: len(known)], known)
    assert requests[-1].seed not in {request.seed for request in requests[:-1]}
    with soundfile.SoundFile(new.path) as file:
        assert f"(seed 1); part 2 made again with seed {requests[-1].seed}" in file.comment
    again = finished(studio.regenerate(new.id, 3))  # what was made again can be, too
    assert again.path not in {old.path, new.path}


def test_a_part_that_is_not_there_or_whose_file_is_gone_reaches_no_gpu(
    studio, requests, made_files
):
    speech = finished(studio.speak(QUICK | {"text": "\n\n".join([TEXT * 3] * 2)}))
    for part in (0, 3, -1, None):
        with pytest.raises(InputError, match="has 2 parts"):
            finished(studio.regenerate(speech.id, part))
    speech.path.unlink()
    with pytest.raises(InputError, match="files are kept for 60 minutes"):
        finished(studio.regenerate(speech.id, 1))
    assert len(requests) == 2
    assert made_files() == []


def test_stopping_a_part_that_is_made_again_leaves_the_speech_as_it_was(studio, made_files):
    speech = finished(studio.speak(QUICK | {"text": "\n\n".join([TEXT * 3] * 2)}))
    events = list(studio.regenerate(speech.id, 1, stop_requested=lambda: True))
    assert not any(isinstance(event, Speech) for event in events)
    assert made_files() == [speech.path]


def test_a_finished_speech_can_be_looked_at_at_the_rate_of_clips(studio):
    speech = finished(studio.speak(QUICK))
    assert len(studio.samples(speech.id)) == pytest.approx(16_000 * speech.seconds, abs=16)
    speech.path.unlink()
    with pytest.raises(InputError, match="files are kept for"):
        studio.samples(speech.id)


@pytest.mark.parametrize("said", [{}, {"prompt_text": "Yes."}, {"style": "sad"}])
def test_a_kept_clone_says_to_the_bit_what_the_clip_s_clone_says(
    studio, requests, upload, tone, kept, said
):
    clip = {"reference_audio_url": upload(tone(2.1)), **said}  # no whole number of patches
    cloned = finished(studio.clone(HEEDFUL | clip))
    style = {name: said[name] for name in said if name == "style"}
    voice = {"voice": kept(cloned)} | style
    again = finished(studio.clone(HEEDFUL | voice))
    assert requests[1].reference is None
    assert again.path.read_bytes() == cloned.path.read_bytes()
    assert again.reference is None
    assert again.voice.transcript == said.get("prompt_text", "")


def test_a_kept_clone_speaks_a_long_text_as_its_clip_does(studio, upload, tone, kept):
    clip = {"reference_audio_url": upload(tone(2))}
    cloned = finished(studio.clone(HEEDFUL | {"text": LONG} | clip))
    again = finished(studio.speak(HEEDFUL | {"text": LONG, "voice": kept(cloned)}))
    assert again.path.read_bytes() == cloned.path.read_bytes()


def test_a_designed_voice_speaks_the_same_again_and_another_is_heard(studio, requests, kept):
    designed = [
        finished(studio.speak(HEEDFUL | {"text": LONG, "voice_description": words}))
        for words in ("An old man", "A child")
    ]
    assert designed[0].voice.description == "An old man"
    assert len(designed[0].voice.encoded.voice) > 6
    spoken = []
    for speech in (*designed, designed[0]):
        voice = kept(speech)
        spoken.append(finished(studio.speak(HEEDFUL | {"voice": voice})).path.read_bytes())
    assert spoken[0] == spoken[2] != spoken[1]
    assert requests[-1].text == TEXT


def test_the_voice_of_a_long_text_is_the_one_that_its_later_segments_follow(studio, requests):
    voice = finished(studio.speak(HEEDFUL | {"text": LONG})).voice.encoded.voice
    followed = requests[-1].encoded.voice
    assert np.array_equal(voice[: len(followed)], followed)


def test_a_voice_that_was_kept_can_be_kept_again(studio, kept):
    first = finished(studio.speak(HEEDFUL | {"text": LONG, "voice_description": "An old man"}))
    again = finished(studio.speak(HEEDFUL | {"voice": kept(first)}))
    assert again.voice.description == "An old man"
    assert np.array_equal(again.voice.encoded.voice, first.voice.encoded.voice)


def test_of_a_speech_that_was_stopped_at_once_there_is_no_voice_to_keep(studio):
    asked = iter([False] * 3)
    stopped = studio.speak(HEEDFUL | {"text": TEXT * 5}, stop_requested=lambda: next(asked, True))
    assert finished(stopped).voice is None


def test_a_voice_that_goes_on_from_a_transcript_takes_no_style(
    studio, requests, upload, tone, kept
):
    clip = {"reference_audio_url": upload(tone(2)), "prompt_text": "Yes."}
    voice = kept(finished(studio.clone(HEEDFUL | clip)))
    with pytest.raises(InputError, match="This voice takes no style"):
        finished(studio.clone(HEEDFUL | {"voice": voice, "style": "sad"}))
    assert len(requests) == 1


def test_a_file_that_is_no_voice_reaches_no_gpu(studio, requests, upload, tone, made_files):
    with pytest.raises(InputError, match="not a voice file"):
        finished(studio.speak(HEEDFUL | {"voice": upload(tone(2))}))
    assert requests == []
    assert made_files() == []


def test_in_a_dialogue_a_kept_voice_speaks_the_lines_of_nobody(studio, requests, kept):
    told = kept(finished(studio.speak(HEEDFUL | {"text": LONG})))
    del requests[:]
    talk = f"Once upon a time.\n\nAnn: {TEXT}"
    speech = finished(studio.speak(HEEDFUL | {"text": talk, "voices": {}, "voice": told}))
    assert [request.encoded is not None for request in requests] == [True, False]
    assert speech.voice is None
