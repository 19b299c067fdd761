"""Whether a speech is made as fast as it is played, and what must be in hand before it is."""

_TELLING_SECONDS = 3.0
"""A shorter speech says little of how fast a longer one is made."""
_LEAST_SECONDS = 0.5
"""Covers the uneven coming of patches, and the way to the listener."""
_HELD_BACK_SECONDS = 1.5
"""Of speech are made without a sound going out where a later part of a text begins."""
_SLOWER = 1.25
"""The rest may take this many times as long as what is there."""
_MEASURED_SECONDS = 0.3
"""Patches come unevenly: fewer of them tell nothing."""


class RunningRTF:
    """How fast one speech is made, while it is.

    Attributes:
        value: Seconds of computing for a second of it, from the first sound on: what came before,
            such as the first start of a model, does not come again. None before it is known.
    """

    def __init__(self) -> None:
        """Starts before the first sound."""
        self.value: float | None = None
        self._first: tuple[float, float] | None = None

    def measure(self, made: float, computing: float) -> None:
        """Takes into account that so many seconds are made, in so many seconds of computing."""
        if self._first is None:
            self._first = (made, computing) if made else None
            return
        made_before, computing_before = self._first
        if made - made_before >= _MEASURED_SECONDS:
            self.value = (computing - computing_before) / (made - made_before)


class Pace:
    """Whether speech is made as fast as it is played, as far as the last speeches tell.

    What was heard cannot be made again where it went wrong. So where nothing would be played
    early anyway, it is better made as for a file.

    Attributes:
        keeps_up: Whether it is; taken for granted before the first.
    """

    def __init__(self) -> None:
        """Knows of no speech yet."""
        self.keeps_up = True

    def learn(self, seconds: float, rtf: float | None) -> None:
        """Takes a finished speech into account, and its RTF from the first sound on."""
        if rtf is not None and seconds >= _TELLING_SECONDS:
            self.keeps_up = rtf < 1


def prebuffer_seconds(rtf: float, expected: float, *, is_one_part: bool) -> float | None:
    """Gives the seconds that must be in hand, so that playing never catches up with making.

    Args:
        rtf: Seconds of computing for a second of this speech.
        expected: Seconds of the whole speech, estimated.
        is_one_part: Whether it is made in one go.

    Returns:
        The seconds; None where making it takes at least as long as playing it.
    """
    if rtf >= 1:
        return None
    slowest = _SLOWER * rtf
    # What is in hand must last until the rest is made; where that is as fast as playing, it does.
    behind = expected * (1 - 1 / slowest) if slowest > 1 else 0.0
    between_parts = 0.0 if is_one_part else _HELD_BACK_SECONDS * rtf
    return _LEAST_SECONDS + between_parts + behind
