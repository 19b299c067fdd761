"""How long a synthesis takes, guessed from what is made of it."""

from voxcpm_space.text import Script

_SLOWEST, _FASTEST = 2.0, 0.5
"""Against the estimate: one odd segment says little of those to come."""


class DurationEstimator:
    """Estimates of a script's length and of the time until it is made."""

    def __init__(self, script: Script, speed: float = 1.0) -> None:
        """Nothing is made yet; `speed` is how fast the speech is played."""
        self._estimates = [(segment.seconds + segment.pause) / speed for segment in script.segments]
        self._lead = script.lead_silence
        self._done = 0
        self._made = 0.0

    def finish(self, segment: int, made: float) -> None:
        """Learns that a segment (from 0) is finished, with so many seconds made until its end."""
        self._done = segment + 1
        self._made = made

    def expected(self, made: float) -> float:
        """Seconds of audio that there will be, where so many are made; never fewer."""
        estimated = self._lead + sum(self._estimates[: self._done])
        pace = self._made / estimated if self._done and estimated else 1.0
        rest = sum(self._estimates[self._done :]) * min(_SLOWEST, max(_FASTEST, pace))
        return max(made, (self._made or self._lead) + rest)

    def left(self, made: float, computing: float) -> float | None:
        """Seconds until everything is made, where so many of audio took so many of computing."""
        if not made or not computing:
            return None
        return (self.expected(made) - made) * computing / made
