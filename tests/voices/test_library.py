"""Voices of an operator's folder, found by the names of their files."""

import os
import unicodedata

import pytest

from voxcpm_space.errors import InputError
from voxcpm_space.settings import Settings
from voxcpm_space.voices import VoiceLibrary


@pytest.fixture
def library(folder):
    return VoiceLibrary(Settings(voices=folder))


def names(library, owner=""):
    return [voice.name for voice in library.voices(owner)]


def test_clips_and_kept_voices_are_listed_before_the_examples(library, put_clip, put_kept):
    put_kept("grandfather.safetensors")
    put_clip("Ann Lee.wav", "Yes.")
    assert names(library)[:3] == ["Ann Lee", "grandfather", "english-male-rms"]
    assert library.find("grandfather").is_kept
    assert not library.find("Ann Lee").is_kept


def test_without_a_folder_there_are_the_examples(put_clip):
    put_clip("ann.wav")
    assert names(VoiceLibrary(Settings()))[0] == "english-male-rms"


@pytest.mark.parametrize("written", ["Ann Lee", "ann lee", " ANN  Lee "])
def test_capitals_and_blanks_make_no_other_name(library, put_clip, written):
    path = put_clip("Ann Lee.wav")
    assert library.find(written).path == path


def test_letters_of_two_characters_are_found_as_one(library, put_clip):
    put_clip(unicodedata.normalize("NFD", "Zoë") + ".wav")
    assert library.find("zoë").name == "Zoë"


def test_openai_s_names_are_files_of_these_names(library, put_clip):
    path = put_clip("alloy.wav")
    assert library.find("alloy").path == path
    assert library.find("nova") is None


def test_a_file_that_comes_later_is_found_and_one_that_went_is_not(library, put_clip):
    assert library.find("ann") is None
    path = put_clip("ann.wav")
    assert library.find("ann")
    path.unlink()
    assert library.find("ann") is None


def test_a_voice_of_the_operator_takes_the_place_of_an_example(library, put_clip):
    path = put_clip("english-male-rms.wav")
    assert library.find("english-male-rms").path == path
    assert names(library).count("english-male-rms") == 1


@pytest.mark.parametrize(
    ("content", "transcript"),
    [("Yes,\nno.\n", "Yes, no."), ("\ufeffJa.", "Ja."), ("", "")],
)
def test_a_transcript_stands_beside_its_clip(library, put_clip, content, transcript):
    put_clip("ann.wav", content)
    assert library.find("ann").transcript() == transcript


def test_a_clip_can_be_without_a_transcript(library, put_clip):
    put_clip("ann.wav")
    assert library.find("ann").transcript() == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfeY\x00", "transcript of the voice ann cannot be read as UTF-8"),
        (b"x" * 1001, "transcript of the voice has 1,001 characters"),
        (b"x" * 10**6, "transcript of the voice has 4,001 characters"),
        (b"\x00", "holds the control character U+0000"),
    ],
)
def test_a_transcript_that_cannot_be_used_is_refused(library, put_clip, content, sentence):
    put_clip("ann.wav").with_suffix(".txt").write_bytes(content)
    with pytest.raises(InputError) as refusal:
        library.find("ann").transcript()
    assert sentence in str(refusal.value)


def test_nothing_is_read_that_lies_elsewhere_or_is_no_file(library, folder, put_clip, tmp_path):
    elsewhere = put_clip("ann.wav").rename(tmp_path / "ann.wav")
    (folder / "linked.wav").symlink_to(elsewhere)
    (folder / "circle.wav").symlink_to(folder / "circle.wav")
    (folder / "folder.wav").mkdir()
    (folder / ".hidden.wav").touch()
    (folder / "default.wav").touch()
    (folder / "http:example.wav").touch()
    (folder / "notes.pdf").touch()
    os.mkfifo(folder / "pipe.wav")
    assert names(library)[0] == "english-male-rms"
    with pytest.raises(InputError, match=r"no voice of the name linked. There are: english-male"):
        library.get("linked")


def test_a_transcript_that_lies_elsewhere_is_not_read(library, put_clip, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    put_clip("ann.wav").with_suffix(".txt").symlink_to(secret)
    assert library.find("ann").transcript() == ""


def test_a_link_inside_the_folder_is_followed(library, folder, put_clip):
    (folder / "alloy.wav").symlink_to(put_clip("ann.wav"))  # as Kubernetes mounts files
    assert library.find("alloy")


@pytest.mark.parametrize("name", ["../voices/ann", "/etc/passwd", "ann.wav", "", ".", "*", "\x00"])
def test_a_path_is_no_name(library, put_clip, name):
    put_clip("ann.wav")
    assert library.find(name) is None


def test_a_long_list_of_names_is_cut_off(library, folder):
    for number in range(60):
        (folder / f"{number:02}.wav").touch()
    with pytest.raises(InputError) as refusal:
        library.get("ann")
    assert str(refusal.value).endswith("48, 49, ....")


def test_a_folder_that_has_gone_leaves_the_examples(library, folder):
    folder.rmdir()
    assert names(library)[0] == "english-male-rms"
