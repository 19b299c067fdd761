"""What stands beside the player once there is a speech."""

import gradio as gr

from voxcpm_space.api.desk import FrontDesk
from voxcpm_space.studio import Speech
from voxcpm_space.ui.events import AT_ONCE
from voxcpm_space.ui.generation import Result
from voxcpm_space.ui.remake import remake_panel
from voxcpm_space.ui.result_files import result_files
from voxcpm_space.ui.result_picture import result_picture
from voxcpm_space.ui.take_buttons import Buttons


def beside_result(desk: FrontDesk, buttons: Buttons, result: Result, operation: str) -> None:
    """Adds what can be done with a speech, hidden while there is none.

    Args:
        desk: Does it.
        buttons: The tab's.
        result: Where the speech is.
        operation: What operators see the tab's takes as.
    """
    with gr.Column(visible=False) as beside:
        offered = result_files(desk, result)
        remake_panel(desk, buttons, result, operation)
        result_picture(desk, result)

    def show(speech: Speech | None) -> gr.Column:
        return gr.Column(visible=speech is not None)

    offered.then(  # before, a click on the button would get nothing, or the speech before
        show,
        inputs=result.speech,
        outputs=beside,
        **AT_ONCE,
    )
    # The state is emptied then, too, but Gradio tells of that only where an event was queued.
    buttons.generate.click(
        lambda: show(None),
        outputs=beside,
        **AT_ONCE,
    )
