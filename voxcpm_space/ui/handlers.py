"""How the page's handlers run, answer what they cannot do, and are stopped."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.messages import Message
from voxcpm_space.ui.words import html

QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""No program sees the event, and nothing shows that Gradio waits."""
AT_ONCE: dict[str, Any] = {**QUIETLY, "queue": False}
"""For what takes no time, and so no turn."""


@contextmanager
def answered_on_page(language: str) -> Iterator[None]:
    """Turns every failure of a handler into a toast in the visitor's language.

    A toast shows HTML, of which Gradio leaves out what can run, but no more: what a stranger wrote
    into a sentence must arrive as text. Programs get plain text from `answered_by_gradio`.

    Raises:
        gr.Error: With HTML.
    """
    try:
        with answered_by_gradio(language):
            yield
    except gr.Error as error:
        error.message = html(error.message, language)
        raise


def warn(message: Message, language: str) -> None:
    """Shows a toast that warns."""
    gr.Warning(html(message, language))


def tell(message: Message, language: str) -> None:
    """Shows a toast that tells what was done."""
    gr.Info(html(message, language))


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
