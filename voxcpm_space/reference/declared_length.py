"""Lets a file of plain samples be read to its end, whatever length its header declares.

A program that writes into a pipe or that is killed leaves 0, the largest number or an old length in
the header, and libsndfile reads no further.
"""

import re
from typing import Literal, TypeAlias

_Order: TypeAlias = Literal["little", "big"]

_UNKNOWN = b"\xff" * 4
"""So much that libsndfile takes what is there."""
_SAMPLES: dict[bytes, tuple[_Order, bytes]] = {
    b"RIFF": ("little", b"data"),
    b"FORM": ("big", b"SSND"),
}
"""Byte order and chunk of the samples, in WAV and AIFF."""
_UNTOLD_RF64 = re.compile(rb"RF64.{4}WAVEds64.{12}\0{8}", re.DOTALL)
"""A WAV for more than 4 GB (EBU Tech 3306) whose number of samples was never written."""
_HEAD = 8
"""Bytes of a chunk's name and length."""
_FIRST_CHUNK = 12


def ignore_declared_length(content: bytes) -> bytes:
    """Gives the file with an unknown length where more follows its samples than other chunks.

    Args:
        content: A WAV, AIFF or AU file; any other comes back as it is.
    """
    if content.startswith(b".snd"):  # in AU nothing follows the samples
        return content[:8] + _UNKNOWN + content[12:]
    if _UNTOLD_RF64.match(content):
        content = b"RIFF" + content[4:12] + b"JUNK" + content[16:]
    if content[:4] not in _SAMPLES:
        return content
    order, samples = _SAMPLES[content[:4]]
    start = _FIRST_CHUNK
    while len(content) - start >= _HEAD:
        size = int.from_bytes(content[start + 4 : start + _HEAD], order)
        end = start + _HEAD + size
        if content[start : start + 4] == samples:
            ends = {end, end + size % 2}  # not every program pads to an even length
            if any(_only_chunks_follow(content, end, order) for end in ends):
                return content
            return content[: start + 4] + _UNKNOWN + content[start + _HEAD :]
        start = end + size % 2
    return content


def _only_chunks_follow(content: bytes, start: int, order: _Order) -> bool:
    while len(content) - start >= _HEAD:
        name = content[start : start + 4]
        if not (name.isascii() and name.decode().isprintable()) or name in _SAMPLES:
            return False  # samples, or a second file
        size = int.from_bytes(content[start + 4 : start + _HEAD], order)
        start += _HEAD + size + size % 2
        if start > len(content) + 1:
            return False
    return True
