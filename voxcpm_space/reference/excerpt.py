"""Chooses the part of a clip to clone from."""

import numpy as np
from numpy.typing import NDArray

from voxcpm_space.reference.activity import FRAME_SECONDS, Activity

LEAST_SECONDS = 10.0
"""Of a longer clip: enough to know a voice by."""
MARGIN_SECONDS = 0.2
"""Kept before and after speech, for soft beginnings and for what rings on."""

_MARGIN = round(MARGIN_SECONDS / FRAME_SECONDS)
_SEARCH_SECONDS = 2.0


def choose(activity: Activity, max_seconds: float, start: float | None = None) -> tuple[int, int]:
    """Gives the part with the most speech and the fewest pauses, which ends at a pause.

    Args:
        activity: Of the whole clip.
        max_seconds: Longest part.
        start: Where the part shall begin, in seconds; None lets us choose.

    Returns:
        First and end frame, with a margin around speech where the clip has one.
    """
    most = int(max_seconds / FRAME_SECONDS) - 2 * _MARGIN
    runs = activity.runs
    first = 0
    if start is not None:
        first = min(round(start / FRAME_SECONDS), len(activity.levels) - 1)
        runs = np.maximum(runs[runs[:, 1] > first], first)
        runs = runs if len(runs) else np.array([[first, len(activity.levels)]])
        runs = runs[: max(1, int(np.searchsorted(runs[:, 1], runs[0, 0] + most, "right")))]
    begin, end = runs[0, 0], runs[-1, 1]
    if end - begin > most:
        begin, end = _best(runs, most) or _ending_softly(activity, begin, most)
    return max(first, int(begin) - _MARGIN), min(len(activity.levels), int(end) + _MARGIN)


def _best(runs: NDArray[np.int64], most: int) -> tuple[int, int] | None:
    """Tries every stretch from the start of one run to the end of another.

    The score is speech less pauses, in frames.
    """
    least = min(LEAST_SECONDS / FRAME_SECONDS, most / 2)
    spoken = np.concatenate([[0], np.cumsum(runs[:, 1] - runs[:, 0])])
    best, best_score = None, -np.inf
    for first, begin in enumerate(runs[:, 0]):
        ends = runs[first:, 1]
        lengths = ends - begin
        scores = 2.0 * (spoken[first + 1 :] - spoken[first]) - lengths
        scores[(lengths > most) | (lengths < least)] = -np.inf
        last = int(np.argmax(scores))
        if scores[last] > best_score:
            best, best_score = (int(begin), int(ends[last])), scores[last]
    return best


def _ending_softly(activity: Activity, begin: int, most: int) -> tuple[int, int]:
    """For somebody who never pauses: as much as is allowed, to the quietest frame near its end."""
    search = min(round(_SEARCH_SECONDS / FRAME_SECONDS), most // 2)
    tail = activity.levels[begin + most - search : begin + most]
    return begin, begin + most - search + int(np.argmin(tail))
