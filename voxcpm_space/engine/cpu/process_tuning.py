"""How glibc and OpenMP treat a process that has only VoxCPM2 to compute."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from voxcpm_space.compat.glibc import set_malloc_thresholds

_SPINS = "1000"
"""How often a thread looks for work before it sleeps: as libgomp does where cores are short.

With none, a patch in 8 bits took 1.2 x as long, since the other core had to be woken for each
operation. With libgomp's own 300,000, threads kept the cores from the page: where both were busy,
a request of 2.4 s of audio took 16 to 38 s, and with threads that sleep 2 to 5 s.
"""
_SMALL_BYTES = 2**22
_MOST_BYTES = 2**25
"""What glibc's own thresholds grow to where large blocks come and go, as in computing patches."""


@contextmanager
def freed_memory_returned() -> Iterator[None]:
    """Lets glibc give blocks of more than 4 MB back to the system as soon as they are free.

    Else it keeps those of up to 32 MB for later, which after loading was 0.6 GB of holes. Computing
    is better off with what it keeps: to ask for each block anew made the encoding of a reference
    4 times as slow. Elsewhere than with glibc it changes nothing.
    """
    set_malloc_thresholds(mmap=_SMALL_BYTES)
    try:
        yield
    finally:
        set_malloc_thresholds(mmap=_MOST_BYTES, trim=2 * _MOST_BYTES)


def limit_thread_spinning() -> None:
    """Lets OpenMP's threads sleep soon; to be called before torch is imported."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)


def share_cores(models: int) -> None:
    """Leaves each of so many models on this machine its part of torch's threads."""
    import torch  # noqa: PLC0415  (after `limit_thread_spinning`)

    if models > 1:
        torch.set_num_threads(max(1, torch.get_num_threads() // models))
