"""A seed for every take of a request."""

import numpy as np


def segment_seed(seed: int, chunk: int, attempt: int) -> int:
    """Gives a take's seed, 0 to 2**32 - 1; the first one's is the request's own.

    Args:
        seed: The request's.
        chunk: From 0.
        attempt: From 0.
    """
    if chunk == attempt == 0:
        return seed
    return int(np.random.SeedSequence([seed, chunk, attempt]).generate_state(1)[0])


def speaker_seed(seed: int, name: str) -> int:
    """Gives the seed of a voice in a dialogue, 0 to 2**32 - 1; the unnamed one's is the request's.

    It follows from the name alone, so that other lines, and more of them, leave a voice as it is.

    Args:
        seed: The request's.
        name: Of who speaks; what is the same name must be the same here.
    """
    if not name:
        return seed
    return int(np.random.SeedSequence([seed, *name.encode()]).generate_state(1)[0])
