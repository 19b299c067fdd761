"""What a worker makes, in fragments that go through a pipe whole or not at all.

A worker that is killed in the middle of a message leaves its beginning in the pipe, and whoever
reads it waits for the rest for ever.
"""

import pickle
import select
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

_ENVELOPE_BYTES = 256
"""More than ZeroGPU's result, its pickle and the pipe's header add to the bytes of a fragment."""


class Fragment(NamedTuple):
    """A part of a pickled item."""

    data: bytes
    is_last: bool


def to_fragments(items: Iterable[Any]) -> Iterator[Fragment]:
    """Gives items in fragments of at most `PIPE_BUF` bytes, which POSIX writes at once."""
    size = select.PIPE_BUF - _ENVELOPE_BYTES
    for item in items:
        pickled = pickle.dumps(item)
        for start in range(0, len(pickled), size):
            yield Fragment(pickled[start : start + size], start + size >= len(pickled))


def from_fragments(fragments: Iterable[Fragment]) -> Iterator[Any]:
    """Gives the items of `to_fragments`, each with its last fragment."""
    pickled = b""
    for fragment in fragments:
        pickled += fragment.data
        if fragment.is_last:
            yield pickle.loads(pickled)  # noqa: S301  (from a fork of this process)
            pickled = b""
