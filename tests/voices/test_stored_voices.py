"""Voices that were uploaded are kept for their owner, wholly or not at all."""

import threading

import pytest

from voxcpm_space.errors import ForbiddenError, InputError, NotFoundError, StorageError
from voxcpm_space.settings import Settings
from voxcpm_space.voices import VoiceLibrary, VoiceUpload

CLIP = b"RIFF..."


@pytest.fixture
def library(folder):
    return VoiceLibrary(Settings(voices=folder, max_voices=2))


def add(library, name="Ann", owner="", **said):
    upload = VoiceUpload(**({"name": name, "consent": "rec_1"} | said))
    return library.add(upload, CLIP, "audio/wav", owner)


def own(library, owner=""):
    return [voice.name for voice in library.voices(owner) if voice.upload]


def everything(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_it_is_found_with_all_that_was_said_of_it_also_after_a_restart(library, folder):
    add(library, ref_text="Yes.", speaker_description="warm narrator")
    found = VoiceLibrary(Settings(voices=folder)).find("ann")
    assert found.path.read_bytes() == CLIP
    assert found.transcript() == "Yes."
    upload = found.upload
    assert (upload.name, upload.consent, upload.owner) == ("Ann", "rec_1", "")
    assert (upload.mime_type, upload.file_size) == ("audio/wav", len(CLIP))
    assert upload.speaker_description == "warm narrator"
    assert upload.created_at > 1_600_000_000


def test_nobody_sees_the_voices_of_another(library):
    for owner in ("ann", "Ann", "..", ""):
        add(library, f"of {owner}", owner)
    for owner in ("ann", "Ann", "..", ""):
        assert own(library, owner) == [f"of {owner}".strip()]
    with pytest.raises(NotFoundError):
        library.delete("of ann", "..")
    assert own(library, "ann") == ["of ann"]


def test_no_name_leads_out_of_the_folder(library, folder):
    for owner in ("..", ".", "..."):
        add(library, "....", owner)
    assert len({path.parent.parent for path in folder.glob("uploaded/*/*/clip")}) == 3
    assert everything(folder.parent) == ["clip"] * 3 + ["voice.json"] * 3


def test_it_comes_before_the_operator_s_and_an_operator_s_name_is_taken(library, put_clip):
    add(library, "bob", "ann")
    put_clip("bob.wav")
    put_clip("cy.wav")
    assert library.find("bob", "ann").upload
    assert library.find("bob", "other").upload is None
    with pytest.raises(InputError, match="There is a voice of the name CY already"):
        add(library, "CY", "ann")


@pytest.mark.parametrize("name", ["default", "Default", "a/b", "data:x", r"c\d", "http://x"])
def test_a_name_that_could_be_something_else_is_refused(library, folder, name):
    with pytest.raises(InputError, match="A voice cannot have the name"):
        add(library, name)
    assert everything(folder) == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"name": " "}, "name of the voice is empty"),
        ({"name": "x" * 61}, "name of the voice has 61 characters"),
        ({"name": "\x00"}, "holds the control character"),
        ({"consent": ""}, "consent must say that the speaker agrees"),
        ({"consent": "False"}, "consent must say that the speaker agrees"),
        ({"consent": "x" * 301}, "consent of the voice has 301 characters"),
        ({"ref_text": "x" * 1001}, "(ref_text) has 1,001 characters"),
        ({"speaker_description": "x" * 501}, "has 501 characters"),
    ],
)
def test_what_is_said_of_it_has_limits(library, said, sentence):
    with pytest.raises(InputError) as refusal:
        add(library, **said)
    assert sentence in str(refusal.value)


def test_there_are_so_many_and_no_more_until_one_is_deleted(library):
    add(library, "one")
    add(library, "two")
    with pytest.raises(InputError, match="You have 2 voices, and may have no more"):
        add(library, "three")
    library.delete("ONE", "")
    add(library, "three")
    assert own(library) == ["three", "two"]


def test_what_is_deleted_is_gone_and_only_once(library, folder):
    add(library)
    library.delete("Ann", "")
    assert everything(folder) == []
    with pytest.raises(NotFoundError, match="You have uploaded no voice of the name 'Ann'"):
        library.delete("Ann", "")


@pytest.mark.parametrize("name", ["..", "../../secret", "", "*", "english-male-rms"])
def test_nothing_else_can_be_deleted(library, folder, name):
    (folder.parent / "secret").touch()
    with pytest.raises(NotFoundError):
        library.delete(name, "")
    assert (folder.parent / "secret").exists()


def test_without_a_folder_there_is_nothing_to_upload_into():
    library = VoiceLibrary(Settings())
    with pytest.raises(ForbiddenError, match="VOXCPM_VOICES"):
        add(library)
    with pytest.raises(NotFoundError):
        library.delete("Ann", "")


def test_what_does_not_fit_on_the_disk_leaves_nothing_behind(small_disk):
    library = VoiceLibrary(Settings(voices=small_disk))
    upload = VoiceUpload(name="Ann", consent="rec_1")
    with pytest.raises(StorageError):
        library.add(upload, bytes(60 * 2**20), "audio/wav", "")
    assert everything(small_disk) == []
    assert own(library) == []


def test_a_damaged_file_hides_that_voice_alone_and_the_log_says_so(library, folder, caplog):
    add(library, "Ann")
    add(library, "Bob")
    file = next(path for path in folder.rglob("voice.json") if "Ann" in path.read_text())
    file.write_text("{")
    assert own(library) == ["Bob"]
    assert "cannot be used" in caplog.text


def test_of_many_who_upload_at_once_no_more_come_in_than_may(library):
    refused = []

    def upload(number):
        try:
            add(library, f"voice {number}")
        except InputError:
            refused.append(number)

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(own(library)) == 2
    assert len(refused) == 4
