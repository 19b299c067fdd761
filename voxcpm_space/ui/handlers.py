"""How the page's handlers run, and how it answers what they cannot do or have to add."""

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
