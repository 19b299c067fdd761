"""How threads and memory behave in a process that has only VoxCPM2 to compute."""

import ctypes
import os
import sys

_SPINS = "1000"
"""How often a thread looks for work before it sleeps: as libgomp does where cores are short.

With none, a patch in 8 bits took 1.2 x as long, since the other core had to be woken for each
operation. With libgomp's own 300,000, threads kept the cores from the page: where both were busy,
a take of 2.4 s of audio took 16 to 38 s, and with threads that sleep 2 to 5 s.
"""
_M_MMAP_THRESHOLD = -3  # malloc.h of glibc
_LARGE_BYTES = 4 * 2**20
"""More than a patch needs for an operation, and less than a weight of the real size takes."""


def prepare_own_process() -> None:
    """Settles both; to be called before torch is imported."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        # Else what was in use for a moment while the weights were loaded stays taken: 0.6 GB.
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
