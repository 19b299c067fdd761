"""The text to speak, the same on both tabs."""

import gradio as gr

from voxcpm_space.ui.words import t

_MAX_LINES = 12


def text_field(
    placeholder: str, max_length: int, *, lines: int, autofocus: bool = False
) -> gr.Textbox:
    """Adds the field; a text over `max_length` characters is refused later, never cut."""
    return gr.Textbox(
        label=t("Text"),
        placeholder=placeholder,
        info=t(
            "Up to {number:,} characters, in any of 30 languages. Ctrl+Enter speaks it.",
            number=max_length,
        ),
        lines=lines,
        max_lines=_MAX_LINES,
        autofocus=autofocus,
    )
