"""Examples: a click on a name fills in fields."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from voxcpm_space.messages import ENGLISH, N_, requested_language, translate
from voxcpm_space.ui.handlers import AT_ONCE


def fillings(label: str, examples: Mapping[str, Sequence[str]], fields: list[Component]) -> None:
    """Adds a name for each example, in the visitor's language where it has one.

    Gradio does not translate labels of examples, so they are sent again to who reads no English.

    Args:
        label: What they are.
        examples: Values of the fields, by name.
        fields: What is filled in.
    """
    shown = gr.Examples(
        examples=[list(values) for values in examples.values()],
        example_labels=list(examples),
        inputs=fields,
        label=label,
        examples_per_page=20,
        api_visibility="private",
    )

    def names(gradio_request: gr.Request) -> Any:
        language = requested_language(gradio_request.headers)
        if language == ENGLISH:
            return gr.skip()
        return gr.Dataset(sample_labels=[translate(N_(name), language) for name in examples])

    gr.on(None, names, inputs=[], outputs=shown.dataset, **AT_ONCE)  # when the page is loaded
