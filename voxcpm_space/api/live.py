"""Speech that is listened to while it is made."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from voxcpm_space.audio import Waveform


class LiveSpeech:
    """Sound that one thread makes, and that any number of listeners get from its start.

    Attributes:
        token: Finds it; cannot be guessed.
    """

    def __init__(self) -> None:
        """Starts without sound."""
        self.token = secrets.token_urlsafe(16)
        self._chunks: list[tuple[Waveform, int]] = []
        self._ended = False
        self._wakes: set[Callable[[], object]] = set()

    def add(self, samples: Waveform, sample_rate: int) -> None:
        """Lets listeners hear more; mono, shape (samples,), in Hz."""
        if len(samples):
            self._chunks.append((samples, sample_rate))
            self._wake_all()

    def end(self) -> None:
        """Tells listeners that there will be no more."""
        self._ended = True
        self._wake_all()

    async def chunks(self) -> AsyncGenerator[tuple[Waveform, int], None]:
        """Gives what there is and then what comes, each with its sample rate, to the end."""
        woken = asyncio.Event()
        wake = partial(asyncio.get_running_loop().call_soon_threadsafe, woken.set)
        self._wakes.add(wake)
        given, ended = 0, False
        try:
            while not ended:
                woken.clear()
                ended = self._ended  # looked at first: what comes after the end is never missed
                for chunk in self._chunks[given:]:
                    yield chunk
                    given += 1
                if not ended:
                    await woken.wait()
        finally:
            self._wakes.discard(wake)

    def _wake_all(self) -> None:
        for wake in frozenset(self._wakes):  # copied in one step, while others may come
            with suppress(RuntimeError):  # the server has ended under the listener
                wake()


class LiveSpeeches:
    """Those that are being made now."""

    def __init__(self) -> None:
        """Starts without."""
        self._speeches: dict[str, LiveSpeech] = {}

    @contextmanager
    def opened(self) -> Iterator[LiveSpeech]:
        """Gives one that can be found inside; after that, who listens still gets the rest."""
        speech = LiveSpeech()
        self._speeches[speech.token] = speech
        try:
            yield speech
        finally:
            del self._speeches[speech.token]
            speech.end()

    def find(self, token: str) -> LiveSpeech | None:
        """Gives the one of that token, while it is being made."""
        return self._speeches.get(token)
