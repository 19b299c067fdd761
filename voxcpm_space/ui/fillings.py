"""Examples: a click on a name fills in fields."""

from collections.abc import Mapping, Sequence

import gradio as gr
from gradio.components import Component

from voxcpm_space.ui.words import said


def fillings(label: str, examples: Mapping[str, Sequence[str]], fields: list[Component]) -> None:
    """Adds a name for each example, in the visitor's language where it has one.

    Gradio does not translate labels of examples, but shows an example of HTML as what it is.

    Args:
        label: What they are.
        examples: Values of the fields, by name.
        fields: What is filled in.
    """
    name = gr.HTML(visible=False)
    gr.Examples(
        examples=[[said(each), *values] for each, values in examples.items()],
        inputs=[name, *fields],
        visible_columns=[0],
        label=label,
        examples_per_page=20,
        api_visibility="private",
    )
