import os

import av
import numpy as np
import pytest
import soundfile

from voxcpm_space.errors import InputError, StorageError
from voxcpm_space.export import KINDS, export_speech
from voxcpm_space.outputs import Outputs, read_chunks
from voxcpm_space.own_folder import delete_older
from voxcpm_space.synthesis import Span

COMMENT = "Synthetic speech (seed 5)"
SAID = [Span("It is late.", 0.1, 1.5)]


@pytest.fixture
def outputs():
    return Outputs(keep_seconds=3600)


@pytest.fixture
def speech(outputs, tone):
    return outputs.save([tone(3.3, sample_rate=48_000)], 48_000, COMMENT)


@pytest.mark.parametrize("kind", ["flac", "mp3", "opus"])
def test_a_copy_is_a_whole_file_that_knows_its_length_and_what_it_is(outputs, speech, kind):
    copy = export_speech(outputs, speech, SAID, kind)
    assert copy == speech.with_suffix(f".{kind}")
    with av.open(str(copy)) as file:
        assert file.duration / av.time_base == pytest.approx(3.3, abs=0.1)
        assert file.streams.audio[0].rate == 48_000
        tags = file.metadata | file.streams.audio[0].metadata
    assert COMMENT in {key.lower(): value for key, value in tags.items()}.values()


def test_flac_holds_the_very_samples_of_the_wav(outputs, speech):
    flac = export_speech(outputs, speech, SAID, "flac")
    read = [soundfile.read(path, dtype="int16")[0] for path in (speech, flac)]
    assert np.array_equal(*read)


def test_what_is_read_and_saved_again_is_the_same_to_the_sample(outputs):
    every = np.arange(-(2**15), 2**15, dtype=np.int16)
    speech = outputs.save([every / np.float32(2**15)], 48_000, COMMENT)
    with outputs.open(speech) as file:
        again = outputs.save(list(read_chunks(file)), 48_000, COMMENT)
    assert np.array_equal(soundfile.read(speech, dtype="int16")[0], every)
    assert again.read_bytes() == speech.read_bytes()


def test_subtitles_are_files_like_the_others(outputs, speech):
    assert (
        export_speech(outputs, speech, SAID, "srt").read_text("utf-8").startswith("1\n00:00:00,100")
    )
    assert export_speech(outputs, speech, SAID, "vtt").read_text("utf-8").startswith("WEBVTT\n")
    assert export_speech(outputs, speech, SAID, "wav") == speech


def test_asking_twice_encodes_once(outputs, speech, monkeypatch):
    first = export_speech(outputs, speech, SAID, "mp3")
    monkeypatch.setattr("voxcpm_space.export.StreamEncoder", None)
    assert export_speech(outputs, speech, SAID, "mp3") == first


def test_copies_expire_with_their_speech(outputs, speech):
    os.utime(speech, (1000, 1000))
    made = {export_speech(outputs, speech, SAID, kind) for kind in KINDS}
    assert {path.stat().st_mtime for path in made} == {1000}
    assert outputs.files == set(map(str, made))
    delete_older(speech.parent, keep_seconds=3600)
    assert not any(path.exists() for path in made)


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_speech_that_has_expired_nothing_is_made(outputs, speech, kind, made_files):
    speech.unlink()
    with pytest.raises(InputError, match="files are kept for 60 minutes"):
        export_speech(outputs, speech, SAID, kind)
    assert made_files() == []


@pytest.mark.parametrize("kind", ["", "pcm", "../../etc/passwd", "exe"])
def test_only_known_kinds_are_made(outputs, speech, kind, made_files):
    with pytest.raises(InputError, match="must be one of wav, flac"):
        export_speech(outputs, speech, SAID, kind)
    assert made_files() == [speech]


def test_a_copy_for_which_there_is_no_room_leaves_no_part(small_disk, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(small_disk))
    outputs = Outputs(keep_seconds=3600)
    rng = np.random.default_rng(0)
    noise = rng.uniform(-1, 1, 48_000 * 300).astype(np.float32)  # which FLAC cannot make smaller
    speech = outputs.save([noise], 48_000, COMMENT)
    with pytest.raises(StorageError, match="disk is full"):
        export_speech(outputs, speech, SAID, "flac")
    assert list((small_disk / "speech").iterdir()) == [speech]
