import os
import threading
from itertools import count
from types import SimpleNamespace

import pytest

from voxcpm_space.expiry import delete_old_files


@pytest.fixture
def demo():
    """What is looked at of a gr.Blocks; a real one that is not launched leaves sockets open."""
    uploads, speeches = set(), set()
    return SimpleNamespace(blocks={}, upload_file_set=uploads, temp_file_sets=[uploads, speeches])


@pytest.fixture
def made(demo, tmp_path):
    """Makes a file of the demo that is so many seconds old."""
    names = count()

    def make(age):
        path = tmp_path / str(next(names))
        path.write_text("sound")
        os.utime(path, (path.stat().st_mtime - age,) * 2)
        demo.temp_file_sets[-1].add(str(path))
        return path

    return make


def test_old_files_are_deleted_and_new_ones_stay(demo, made):
    old, new = made(61), made(5)
    delete_old_files(demo, keep_seconds=60)
    assert not old.exists()
    assert new.exists()
    assert demo.temp_file_sets[-1] == {str(new)}


def test_uploads_are_deleted_too(demo, made):
    old = made(61)
    demo.upload_file_set.add(str(old))
    delete_old_files(demo, keep_seconds=60)
    assert demo.upload_file_set == set()


def test_files_that_are_gone_are_forgotten(demo, made):
    made(5).unlink()
    delete_old_files(demo, keep_seconds=60)
    assert demo.temp_file_sets[-1] == set()


def test_files_may_be_added_while_old_ones_are_deleted(demo, made):
    files = demo.temp_file_sets[-1]
    done = threading.Event()

    def add():
        for number in count():
            files.add(f"/not/there/{number % 20}")
            if done.is_set():
                return

    adder = threading.Thread(target=add)
    adder.start()
    try:
        for _ in range(5):
            old = made(61)
            delete_old_files(demo, keep_seconds=60)
            assert not old.exists()
    finally:
        done.set()
        adder.join()
