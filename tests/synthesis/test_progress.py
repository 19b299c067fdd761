import numpy as np
import pytest

from voxcpm_space.engine import QueuePosition
from voxcpm_space.synthesis import Progress

SILENCE = np.zeros(0, np.float32)


def said(**known):
    return "".join(Progress(1.5, 6.0, SILENCE, 48_000, **known).messages)


@pytest.mark.parametrize(
    ("left", "end"),
    [
        (None, ""),
        (0.4, ""),
        (42.4, "; about 42 s left"),
        (59.8, "; about 1 min 0 s left"),
        (150, "; about 2 min 30 s left"),
    ],
)
def test_what_is_made_is_said_and_what_is_left_where_it_is_known(left, end):
    assert said(left=left) == "1.5 s made, of about 6.0 s" + end


def test_the_segment_is_said_only_where_there_are_others():
    assert said(segment=2, segments=3).startswith("Part 2 of 3: 1.5 s made")


def test_while_a_segment_waits_nothing_is_said_of_what_is_made():
    waiting = QueuePosition(ahead=4, seconds=0.2)
    assert said(waiting=waiting, left=30.0) == "Waiting: 4 before it, about 1 s"
