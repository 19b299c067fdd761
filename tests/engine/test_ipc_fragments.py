import select
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest
from spaces.zero.types import OkResult

from voxcpm_space.engine.ipc_fragments import from_fragments, to_fragments

PATCH = np.linspace(-1, 1, 7680, dtype=np.float32)
PIPE_HEADER_BYTES = 4  # the length, as multiprocessing.connection writes it


def test_each_piece_goes_through_a_pipe_at_once():
    for piece in to_fragments([PATCH]):
        sent = ForkingPickler.dumps(OkResult(piece))
        assert len(sent) + PIPE_HEADER_BYTES <= select.PIPE_BUF


@pytest.mark.parametrize("items", [[], ["small"], [PATCH, "small", PATCH, bytes(100_000)]])
def test_pieces_put_together_are_what_was_taken_apart(items):
    np.testing.assert_equal(list(from_fragments(to_fragments(items))), items)


def test_an_item_is_there_with_its_last_piece():
    *beginning, last = to_fragments([PATCH])
    assert list(from_fragments(beginning)) == []
    assert len(list(from_fragments([*beginning, last]))) == 1
