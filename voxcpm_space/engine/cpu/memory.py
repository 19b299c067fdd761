"""Memory that is in use for a moment while weights are loaded."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
_SMALL_BYTES = 2**22
_MOST_BYTES = 2**25
"""What glibc's own thresholds grow to where large blocks come and go, as in computing patches."""


@contextmanager
def given_back_at_once() -> Iterator[None]:
    """Lets glibc give blocks of more than 4 MB back to the system as soon as they are free.

    Else it keeps those of up to 32 MB for later, which after loading was 0.6 GB of holes. Computing
    is better off with what it keeps: to ask for each block anew made the encoding of a reference
    4 times as slow. Elsewhere than with glibc it changes nothing.
    """
    if sys.platform != "linux" or not hasattr(libc := ctypes.CDLL(None), "mallopt"):
        yield
        return
    libc.mallopt(_M_MMAP_THRESHOLD, _SMALL_BYTES)
    try:
        yield
    finally:
        libc.mallopt(_M_MMAP_THRESHOLD, _MOST_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, 2 * _MOST_BYTES)
