"""The page as a whole."""

import gradio as gr

from voxcpm_space.api.blocks import Blocks
from voxcpm_space.api.endpoints import add_endpoints
from voxcpm_space.api.service import SpeechService
from voxcpm_space.compat.gradio import compute_no_analytics, own_files, poll_queue_every
from voxcpm_space.outputs import Outputs
from voxcpm_space.ui.batch import batch_tab
from voxcpm_space.ui.cloning_tab import cloning_tab
from voxcpm_space.ui.footer import footer
from voxcpm_space.ui.model_banner import model_banner
from voxcpm_space.ui.own_voices import own_voices
from voxcpm_space.ui.tts_tab import tts_tab
from voxcpm_space.ui.words import t

_TITLE = "VoxCPM2"
_ABOUT = t("Type a text and hear it: in a voice that you describe, or in a voice that you record.")
_HEADER = f"# VoxCPM2\n\n{_ABOUT}"
_DAY = 86_400
_REQUESTS_AT_ONCE = 8
"""Of each kind, so that a slow download of a clip holds up nobody; the engine takes turns."""
_LOOKING_SECONDS = 0.02
"""Between two looks into Gradio's queue; its own 1 ms keeps a tenth of a core busy for nothing."""


def build_demo(service: SpeechService, outputs: Outputs) -> gr.Blocks:
    """Builds the page with its tabs, and the endpoints for programs beside them."""
    keep = outputs.keep_seconds
    demo = Blocks(
        title=_TITLE,
        analytics_enabled=False,
        delete_cache=(_DAY, keep),  # also deletes everything at the end; see expiry.py
    )
    with demo:
        gr.Markdown(_HEADER, elem_id="header")
        model_banner(demo, service.studio)
        own = own_voices()
        with gr.Tabs():
            with gr.Tab(t("Text to Speech"), id="text-to-speech"):
                tts_tab(service, own)
            with gr.Tab(t("Voice Cloning"), id="voice-cloning"):
                cloning_tab(service, own)
            with gr.Tab(t("Batch"), id="batch"):
                batch_tab(service, outputs)
        footer(service.studio.settings)
        add_endpoints(service)
    own_files(demo, outputs.files)
    waiting = service.studio.settings.max_waiting
    demo.queue(
        max_size=waiting,
        default_concurrency_limit=_REQUESTS_AT_ONCE,
        api_open=False,  # at /run/predict only what waits in no queue
    )
    compute_no_analytics(demo)
    poll_queue_every(demo, _LOOKING_SECONDS)
    return demo
