"""How the page answers what a handler cannot do, and what it has to add."""

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.ui.words import said


@contextmanager
def answered_on_page() -> Iterator[None]:
    """Turns every failure of a handler into a toast in the visitor's language.

    A toast shows HTML, of which Gradio leaves out what can run, but no more: what a stranger wrote
    into a sentence must arrive as text. Programs get plain text from `answered_by_gradio`.

    Raises:
        gr.Error: With HTML.
    """
    try:
        with answered_by_gradio():
            yield
    except gr.Error as error:
        error.message = said(error.message)
        raise


def warn(sentence: str) -> None:
    """Shows a toast that warns."""
    gr.Warning(said(sentence))


def tell(sentence: str) -> None:
    """Shows a toast that tells what was done."""
    gr.Info(said(sentence))
