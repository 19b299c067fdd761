"""What stands beside the player once there is a speech."""

import gradio as gr

from voxcpm_space.api.service import SpeechService
from voxcpm_space.ui.generate_buttons import Buttons
from voxcpm_space.ui.generation import Result
from voxcpm_space.ui.handlers import AT_ONCE
from voxcpm_space.ui.regenerate_panel import regenerate_panel
from voxcpm_space.ui.result_files import result_files
from voxcpm_space.ui.result_picture import result_picture


def result_actions(
    service: SpeechService, buttons: Buttons, result: Result, operation: str
) -> None:
    """Adds what can be done with a speech, hidden while there is none.

    Args:
        service: Does it.
        buttons: The tab's.
        result: Where the speech is.
        operation: What operators see the tab's requests as.
    """
    with gr.Column(visible=False) as beside:
        offered = result_files(service, result)
        regenerate_panel(service, buttons, result, operation)
        result_picture(service, result)

    def show(speech_id: str) -> gr.Column:
        return gr.Column(visible=bool(speech_id))

    offered.then(  # before, a click on the button would get nothing, or the speech before
        show,
        inputs=result.speech,
        outputs=beside,
        **AT_ONCE,
    )
    # The state is emptied then, too, but Gradio tells of that only where an event was queued.
    buttons.generate.click(
        lambda: show(""),
        outputs=beside,
        **AT_ONCE,
    )
