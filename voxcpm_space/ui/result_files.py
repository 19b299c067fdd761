"""The finished speech to take along: in a format of one's choice, or as subtitles."""

import gradio as gr

from voxcpm_space.api.desk import FrontDesk, http_request
from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.studio import Speech
from voxcpm_space.ui.generation import Result

_KINDS = [
    ("WAV", "wav"),
    ("FLAC", "flac"),
    ("MP3", "mp3"),
    ("Opus", "opus"),
    ("Subtitles, SRT", "srt"),
    ("Subtitles, VTT", "vtt"),
]
_NAMES = {kind: name for name, kind in _KINDS}
_DOWNLOAD = "Download as {name}"


def result_files(desk: FrontDesk, result: Result) -> None:
    """Adds the choice of a format and the button that downloads it."""
    with gr.Row(visible=False, equal_height=True) as row:
        kind = gr.Dropdown(
            _KINDS, value="wav", label="Format", container=False, scale=1, min_width=150
        )
        button = gr.DownloadButton(_DOWNLOAD.format(name="WAV"), size="md", min_width=150)

    def offer(
        request: gr.Request, speech: Speech | None, kind: str
    ) -> tuple[gr.Row, gr.DownloadButton]:
        if speech is None:
            return gr.Row(visible=False), gr.DownloadButton(value=None)
        with answered_by_gradio():
            path = desk.saved_as(http_request(request), speech, kind)
        label = _DOWNLOAD.format(name=_NAMES[kind])
        return gr.Row(visible=True), gr.DownloadButton(label, value=path)

    gr.on(
        [result.speech.change, kind.input],
        offer,
        inputs=[result.speech, kind],
        outputs=[row, button],
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
    )
