import os
import shutil
import time
from itertools import count

import pytest

from voxcpm_space.kept_files import KeptFiles
from voxcpm_space.own_folder import OwnFolder


@pytest.fixture
def folder(tmp_path):
    folder = OwnFolder(tmp_path)
    yield folder
    folder.remove()


@pytest.fixture
def kept(folder):
    """What is kept for a minute, up to 100 bytes of it."""
    return KeptFiles(folder, 60, 100)


@pytest.fixture
def stored(folder):
    """Stores a file of 40 bytes that is so many seconds old."""
    numbers = count()

    def store(age, name="speech/{}.wav"):
        path = folder.path / name.format(next(numbers))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(40))
        os.utime(path, (time.time() - age,) * 2)
        return path

    return store


def test_old_files_are_deleted_and_new_ones_stay(kept, stored):
    speech, upload, partial = stored(61), stored(61, "a1b2/clip.wav"), stored(61, "tmp{}")
    new = stored(5)
    kept.expire()
    assert not any(path.exists() for path in (speech, upload, partial))
    assert new.exists()


def test_what_a_dead_server_left_is_deleted_too(kept, tmp_path):
    left = tmp_path / "voxcpm-dead" / "speech.wav"
    left.parent.mkdir()
    left.write_bytes(bytes(40))
    os.utime(left, (0, 0))
    kept.expire()
    assert not left.exists()


def test_the_page_s_own_clips_are_as_old_as_the_repository_and_stay(kept, stored):
    clip = stored(10_000_000, "a1b2/english.wav")
    kept.spare_those_of_the_page()
    kept.expire()
    assert clip.exists()


def test_where_it_gets_too_much_the_oldest_go_first(kept, stored):
    oldest, older, new = stored(30), stored(20), stored(10)
    kept.make_room()
    assert [path.exists() for path in (oldest, older, new)] == [False, True, True]


def test_what_is_fetched_just_now_makes_no_room(kept, stored):
    oldest, older, new = stored(30), stored(20), stored(10)
    with kept.fetching(oldest.name):
        kept.make_room()
    assert [path.exists() for path in (oldest, older, new)] == [True, False, True]
    stored(5)
    kept.make_room()
    assert not oldest.exists()


def test_the_page_s_own_clips_make_no_room_and_need_none(kept, stored):
    clips = [stored(1000, "clips/{}.wav") for _ in range(5)]
    kept.spare_those_of_the_page()
    speeches = [stored(age) for age in (20, 10)]
    kept.make_room()
    assert all(path.exists() for path in (*clips, *speeches))


def test_a_file_that_is_too_large_alone_is_there_to_be_fetched(folder, stored):
    large = stored(1)
    KeptFiles(folder, 60, 10).make_room()
    assert large.exists()


def test_a_folder_that_was_deleted_is_made_again_with_the_page_s_own_clips(kept, stored, folder):
    clip = stored(1000, "a1b2/english.wav")
    kept.spare_those_of_the_page()
    speech = stored(5)
    shutil.rmtree(folder.path)
    kept.restore()
    assert clip.read_bytes() == bytes(40)
    assert not speech.exists()
