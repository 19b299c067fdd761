"""Parts of a text packed into groups that are as even as possible."""

import math
from collections.abc import Sequence

from voxcpm_space.text.speaking_time import speaking_seconds


def packed(parts: Sequence[str], limit: float) -> list[list[str]]:
    """Groups neighbours, so that no group is longer than the limit and none is a mere rest.

    Args:
        parts: In their order.
        limit: Most seconds of speech of a group; a longer part stays alone.
    """
    seconds = [speaking_seconds(part) for part in parts]
    total = sum(seconds)
    even = total / max(1, math.ceil(total / limit))
    groups: list[list[str]] = []
    filled = math.inf
    for part, needed in zip(parts, seconds, strict=True):
        if filled + needed > limit or filled + needed / 2 > even:
            groups.append([])
            filled = 0.0
        groups[-1].append(part)
        filled += needed
    return groups
