"""The Stop button's way to the speech that it ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

_NEXT_TURN_SECONDS = 1.0
"""Until a speech that waits for its turn notices."""
_NEXT_PATCH_SECONDS = 60.0
"""Until one that is being made does, on the slowest machine."""


class Stop:
    """Whether a person wants the end of one speech.

    Attributes:
        has_sound: Whether there is something to keep.
        ended: Set once the speech has come to its end.
    """

    def __init__(self) -> None:
        """Nobody does yet."""
        self.has_sound = False
        self.ended = threading.Event()
        self._asked = threading.Event()

    def ask(self) -> None:
        """Notes that a person does."""
        self._asked.set()

    def is_asked(self) -> bool:
        """Tells whether a person does."""
        return self._asked.is_set()


class Cancellations:
    """Those of all visitors of a tab, who have one speech each at a time."""

    def __init__(self) -> None:
        """Starts without."""
        self._stops: dict[str | None, Stop] = {}

    @contextmanager
    def watched(self, gradio_request: gr.Request) -> Iterator[Stop]:
        """Gives the stop of the speech that is made inside, for the visitor of `gradio_request`."""
        stop = self._stops[gradio_request.session_hash] = Stop()
        try:
            yield stop
        finally:
            stop.ended.set()
            if self._stops.get(gradio_request.session_hash) is stop:
                del self._stops[gradio_request.session_hash]

    def ask(self, gradio_request: gr.Request) -> gr.Button:
        """Asks for the end of the visitor's speech, if there is one; once is enough."""
        if stop := self._stops.get(gradio_request.session_hash):
            stop.ask()
        return gr.Button(interactive=False)

    def wait(self, gradio_request: gr.Request) -> None:
        """Returns once the visitor's speech has ended with what was made of it.

        Raises:
            gr.Error: It has not in good time, as where a clip is slow to come; shown to nobody.
        """
        stop = self._stops.get(gradio_request.session_hash)
        seconds = _NEXT_PATCH_SECONDS if stop and stop.has_sound else _NEXT_TURN_SECONDS
        if stop and not stop.ended.wait(seconds):
            raise gr.Error("The speech does not end by itself.", visible=False)
