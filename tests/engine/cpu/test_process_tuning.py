"""Memory in use for a moment goes back while weights are loaded, and is kept while computing."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others have other allocators")

BLOCKS = """
import ctypes, pathlib, resource
from voxcpm_space.engine.cpu.process_tuning import freed_memory_returned
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
MB, PAGE = 2**20, 4096
def used(size):
    block = libc.malloc(size)
    ctypes.memset(block, 1, size)
    return block
def resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * PAGE
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
"""
LOADING = """
libc.free(used(30 * MB))
before = resident()
with freed_memory_returned():
    weights = [(used(16 * MB), used(MB // 4)) for _ in range(20)]
    for for_a_moment, _ in weights:
        libc.free(for_a_moment)
    print(resident() - before)
"""
COMPUTING = """
with freed_memory_returned():
    pass
libc.free(used(20 * MB))
before = faults()
for _ in range(10):
    libc.free(used(20 * MB))
print((faults() - before) * PAGE)
"""


def bytes_of(program):
    return int(subprocess.check_output([sys.executable, "-c", BLOCKS + program], text=True))


def test_what_loading_had_in_use_for_a_moment_goes_back_to_the_system():
    assert bytes_of(LOADING) < 10 * 2**20


def test_what_computing_has_in_use_for_a_moment_is_used_again():
    assert bytes_of(COMPUTING) < 2**20
