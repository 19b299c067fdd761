"""The allocator of glibc 2.x, on Linux."""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h


def set_malloc_thresholds(*, mmap: int, trim: int | None = None) -> bool:
    """Sets from which size on free memory goes back to the system (`man mallopt`).

    The environment's `MALLOC_MMAP_THRESHOLD_` and `MALLOC_TRIM_THRESHOLD_` are read once, when the
    process starts, and loading and computing want different ones.

    Args:
        mmap: Bytes of a block that is had from the system, and given back, on its own.
        trim: Bytes at the heap's end that are given back; left as it is where not given.

    Returns:
        Whether there is a glibc; elsewhere nothing changes.
    """
    if sys.platform != "linux" or not hasattr(libc := ctypes.CDLL(None), "mallopt"):
        return False
    done = libc.mallopt(_M_MMAP_THRESHOLD, mmap)
    if trim is not None:
        done &= libc.mallopt(_M_TRIM_THRESHOLD, trim)
    return bool(done)
