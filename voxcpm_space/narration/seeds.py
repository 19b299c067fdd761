"""A seed for every take of a request."""

import numpy as np


def take_seed(seed: int, chunk: int, attempt: int) -> int:
    """Gives a take's seed, 0 to 2**32 - 1; the first one's is the request's own.

    Args:
        seed: The request's.
        chunk: From 0.
        attempt: From 0.
    """
    if chunk == attempt == 0:
        return seed
    return int(np.random.SeedSequence([seed, chunk, attempt]).generate_state(1)[0])
