"""Memory that is in use for a moment while weights are loaded."""

from collections.abc import Iterator
from contextlib import contextmanager

from voxcpm_space.compat.glibc import set_malloc_thresholds

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
    set_malloc_thresholds(mmap=_SMALL_BYTES)
    try:
        yield
    finally:
        set_malloc_thresholds(mmap=_MOST_BYTES, trim=2 * _MOST_BYTES)
