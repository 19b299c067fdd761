"""Reference clips stay encoded from one request to the next."""

import hashlib
from collections.abc import Hashable
from dataclasses import replace

from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.engine.request import EncodedReference, GenerationRequest

_MAX_BYTES = 64 * 2**20
"""Some 300 clips of 30 s: a second of clip is 6.4 kB of latents."""


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
        self._cache: SingleFlightCache[EncodedReference] = SingleFlightCache(
            _MAX_BYTES, keep_seconds, size_of=lambda encoded: encoded.nbytes
        )

    def attach(self, request: GenerationRequest) -> GenerationRequest:
        """Gives the request with the encoded clip in place of the clip, where it is known."""
        if request.reference is None:
            return request
        encoded = self._cache.peek(_key(request))
        return replace(request, reference=None, encoded=encoded) if encoded else request

    def put(self, request: GenerationRequest, encoded: EncodedReference) -> None:
        """Keeps what the request's clip was encoded to."""
        self._cache.put(_key(request), encoded)


def _key(request: GenerationRequest) -> Hashable:
    """A clip is encoded once more to continue it; what is said in it changes nothing."""
    assert request.reference is not None
    return hashlib.sha256(request.reference.tobytes()).digest(), bool(request.transcript)
