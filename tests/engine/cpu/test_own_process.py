"""Threads and memory of the process of the model."""

import subprocess
import sys

import pytest

READY = "from voxcpm_space.engine.cpu.own_process import prepare_own_process as prepare; prepare();"
MEMORY = """
import ctypes, pathlib
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def used(size):
    block = libc.malloc(size)
    ctypes.memset(block, 1, size)
    return block
def resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * 4096
before = resident()
libc.free(used(30 * 2**20))
weights = [used(16 * 2**20) for _ in range(20)]
small = used(1000)
for block in weights:
    libc.free(block)
print(resident() - before)
"""


def said(program, **environment):
    environment = {"PATH": "", **environment}
    return subprocess.check_output([sys.executable, "-c", program], env=environment, text=True)


def test_threads_look_for_work_a_moment_before_they_sleep():
    asked = "import os; print(os.environ['OMP_WAIT_POLICY'], os.environ['GOMP_SPINCOUNT'])"
    assert said(READY + asked).split() == ["PASSIVE", "1000"]
    assert said(READY + asked, GOMP_SPINCOUNT="7").split() == ["PASSIVE", "7"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other allocators")
def test_what_was_in_use_for_a_moment_is_given_back():
    assert int(said(READY + MEMORY)) < 2**20
