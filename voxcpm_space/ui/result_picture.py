"""The finished speech to be looked at, drawn when somebody wants to see it."""

import gradio as gr

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.messages import requested_language
from voxcpm_space.ui.generation import Result
from voxcpm_space.ui.handlers import AT_ONCE, answered_on_page
from voxcpm_space.ui.speech_picture import speech_picture
from voxcpm_space.ui.words import t

_TITLE = t("Picture")
_AT_ONCE = 2
"""A speech of 20 minutes takes seconds to read."""


def result_picture(service: SpeechService, result: Result) -> None:
    """Adds the folded picture."""
    with gr.Accordion(_TITLE, open=False) as folded:
        picture = gr.HTML(min_height=150)

    def draw(gradio_request: gr.Request, speech_id: str) -> str:
        request = http_request(gradio_request)
        language = requested_language(request.headers)
        with answered_on_page(language):
            reference = service.speech(request, speech_id).reference
            samples = service.samples(request, speech_id)
            return speech_picture(samples, language, reference.samples if reference else None)

    folded.expand(
        draw,
        inputs=result.speech,
        outputs=picture,
        show_progress="minimal",
        concurrency_limit=_AT_ONCE,
        api_visibility="private",
    )
    result.speech.change(
        lambda: (gr.Accordion(open=False), ""), outputs=[folded, picture], **AT_ONCE
    )
