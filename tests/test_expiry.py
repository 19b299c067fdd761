import threading
from itertools import count
from types import SimpleNamespace

import pytest

from voxcpm_space.expiry import forget_missing


@pytest.fixture
def demo():
    """What is looked at of a gr.Blocks; a real one that is not launched leaves sockets open."""
    return SimpleNamespace(temp_file_sets=[set(), set()])


def test_files_that_are_gone_are_forgotten(demo, tmp_path):
    there = tmp_path / "speech.wav"
    there.write_text("sound")
    for files in demo.temp_file_sets:
        files.update({str(there), str(tmp_path / "gone.wav")})
    forget_missing(demo)
    assert demo.temp_file_sets == [{str(there)}] * 2


def test_files_may_be_added_while_others_are_forgotten(demo):
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
            forget_missing(demo)
    finally:
        done.set()
        adder.join()
