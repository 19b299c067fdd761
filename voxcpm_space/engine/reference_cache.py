"""Reference clips stay encoded from one take to the next."""

import hashlib
from dataclasses import replace
from typing import TypeAlias

from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.engine.request import EncodedReference, GenerationRequest

_MAX_BYTES = 64 * 2**20
"""Some 300 clips of 30 s: a second of clip is 6.4 kB of latents."""

_Key: TypeAlias = tuple[bytes, bool]


class EncodedReferenceCache:
    """The encoded clips that were used last, up to 64 MB of them.

    They are kept in the process that serves the page: ZeroGPU's workers share no memory with each
    other, and are gone when they have been idle.
    """

    def __init__(self, keep_seconds: int) -> None:
        """Starts with none.

        Args:
            keep_seconds: Age at which one is forgotten, as uploaded clips are.
        """
        self._kept: SingleFlightCache[EncodedReference] = SingleFlightCache(
            _MAX_BYTES, keep_seconds, size_of=lambda encoded: encoded.nbytes
        )

    def added_to(self, request: GenerationRequest) -> GenerationRequest:
        """Gives the take with its reference encoded, where that is known."""
        if request.reference is None:
            return request
        return replace(request, encoded=self._kept.known(_key(request)))

    def keep(self, request: GenerationRequest, encoded: EncodedReference) -> None:
        """Remembers what the take's reference was encoded to."""
        self._kept.keep(_key(request), encoded)


def _key(request: GenerationRequest) -> _Key:
    """A clip is encoded once more to go on from; what is said in it changes nothing."""
    assert request.reference is not None
    return hashlib.sha256(request.reference.tobytes()).digest(), bool(request.transcript)
