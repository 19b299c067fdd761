import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from voxcpm_space.own_folder import OwnFolder, files_in

_SERVER = """
import sys
from pathlib import Path
from voxcpm_space.own_folder import OwnFolder
folder = OwnFolder(Path(sys.argv[1]))
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process with a folder beside ours: it, and its folder."""
    command = [sys.executable, "-c", _SERVER, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process, type(tmp_path)(process.stdout.readline().strip())
        process.kill()


@pytest.fixture
def ours(tmp_path):
    folder = OwnFolder(tmp_path)
    yield folder
    folder.remove()


def old(path, age):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("sound")
    for each in (path, path.parent):
        os.utime(each, (time.time() - age,) * 2)
    return path


def test_what_a_dead_server_left_is_deleted_once_it_is_old_enough(ours, other):
    process, folder = other
    upload, speech = old(folder / "a1b2" / "clip.wav", 61), old(folder / "speech" / "made.wav", 5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    ours.expire_leftovers(60)
    assert not upload.exists()
    assert speech.exists()
    old(speech, 61)
    os.utime(folder, (0, 0))
    ours.expire_leftovers(60)
    assert not folder.exists()


def test_the_files_of_a_living_server_are_its_own_however_old(ours, other):
    _, folder = other
    speech = old(folder / "speech" / "made.wav", 10_000)
    ours.expire_leftovers(60)
    assert speech.exists()


def test_a_folder_that_a_server_has_only_just_made_stays(ours, tmp_path):
    new = tmp_path / "voxcpm-new"  # its lock comes next
    new.mkdir()
    ours.expire_leftovers(60)
    assert new.exists()


def test_what_other_programs_have_beside_it_is_left_alone(ours, tmp_path):
    theirs = old(tmp_path / "gradio-app" / "clip.wav", 10_000)
    ours.expire_leftovers(60)
    assert theirs.exists()


def test_nobody_else_may_look_into_it(ours):
    assert ours.path.stat().st_mode & 0o077 == 0


def test_a_folder_that_was_deleted_is_made_again_and_locked_again(tmp_path):
    ours, neighbour = OwnFolder(tmp_path), OwnFolder(tmp_path)
    ours.remove()
    assert ours.restore()
    assert not ours.restore()
    speech = old(ours.path / "speech" / "made.wav", 10_000)
    neighbour.expire_leftovers(60)
    assert speech.exists()
    ours.remove()
    neighbour.remove()
    assert list(tmp_path.glob("voxcpm-*")) == []


def test_files_are_still_found_where_a_folder_goes_meanwhile(tmp_path):
    for name in ("one", "two"):
        old(tmp_path / "all" / name / "clip.wav", 0)
    found = files_in(tmp_path / "all")
    first, _ = next(found)
    gone = next(each for each in (tmp_path / "all").iterdir() if each != first.parent)
    shutil.rmtree(gone)
    assert list(found) == []
