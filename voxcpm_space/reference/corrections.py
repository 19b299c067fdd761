"""What people corrected in recognized transcripts."""

import hashlib

from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.reference.prepare import Reference
from voxcpm_space.text import MAX_TRANSCRIPT_LENGTH

_MOST = 1024


class Corrections:
    """Transcripts as they were corrected, found again by visitor and clip, wherever it is from."""

    def __init__(self, keep_seconds: float) -> None:
        """Starts with none.

        Args:
            keep_seconds: Age at which one is forgotten.
        """
        self._kept: SingleFlightCache[str] = SingleFlightCache(
            _MOST, keep_seconds, size_of=lambda _: 1
        )

    def remember(self, visitor: str, clip: Reference, transcript: str) -> None:
        """Keeps what the visitor wrote, where that can be a transcript."""
        if 0 < len(transcript.strip()) <= MAX_TRANSCRIPT_LENGTH:
            self._kept.put(_key(visitor, clip), transcript)

    def of(self, visitor: str, clip: Reference) -> str | None:
        """Gives what the visitor wrote; other people's words stay theirs."""
        return self._kept.peek(_key(visitor, clip))


def _key(visitor: str, clip: Reference) -> tuple[str, bytes]:
    return visitor, hashlib.sha256(clip.samples.tobytes()).digest()
