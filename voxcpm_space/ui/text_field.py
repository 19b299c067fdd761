"""The text to speak, the same on both tabs."""

import gradio as gr

_MAX_LINES = 12


def text_field(
    placeholder: str, max_length: int, *, lines: int, autofocus: bool = False
) -> gr.Textbox:
    """Adds the field; a text over `max_length` characters is refused later, never cut."""
    return gr.Textbox(
        label="Text",
        placeholder=placeholder,
        info=f"Up to {max_length:,} characters, in any of 30 languages. Ctrl+Enter speaks it.",
        lines=lines,
        max_lines=_MAX_LINES,
        autofocus=autofocus,
    )
