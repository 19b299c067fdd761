"""The finished speech to take along: in a format of one's choice, or as subtitles."""

import gradio as gr
from gradio.events import Dependency

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.messages import requested_language
from voxcpm_space.ui.generation import Result
from voxcpm_space.ui.handlers import AT_ONCE, QUIETLY, answered_on_page
from voxcpm_space.ui.words import t

_NAMES = {
    "wav": "WAV",
    "flac": "FLAC",
    "mp3": "MP3",
    "opus": "Opus",
    "srt": "SRT",
    "vtt": "VTT",
}
_SUBTITLES = {"srt": t("Subtitles, SRT"), "vtt": t("Subtitles, VTT")}
_KINDS = [(_SUBTITLES.get(kind, name), kind) for kind, name in _NAMES.items()]
_BEING_MADE = t("Being made…")
_DOWNLOAD = t("Download")


def result_files(service: SpeechService, result: Result) -> Dependency:
    """Adds the choice of a format and the button that downloads it.

    Returns:
        What has happened once the button has the file of a new speech.
    """
    with gr.Row():
        kind = gr.Dropdown(
            _KINDS, value="wav", label=t("Format"), container=False, scale=1, min_width=150
        )
        button = gr.DownloadButton(_offered("wav"), size="md", min_width=150)

    def save(gradio_request: gr.Request, speech_id: str, kind: str) -> gr.DownloadButton:
        with answered_on_page(requested_language(gradio_request.headers)):
            path = service.export(http_request(gradio_request), speech_id, kind)
        return gr.DownloadButton(_offered(kind), value=path, interactive=True)

    def first_offer(speech_id: str) -> tuple[str, gr.DownloadButton]:
        """Updates of choice and button: what is there already; others are made when wanted."""
        speech = service.find(speech_id)
        path = speech.path if speech else None
        return "wav", gr.DownloadButton(_offered("wav"), value=path, interactive=True)

    offer = {"fn": first_offer, "inputs": result.speech, "outputs": [kind, button], **AT_ONCE}
    offered = result.speech.change(**offer)
    asked = kind.input(
        lambda: gr.DownloadButton(_BEING_MADE, interactive=False),
        outputs=button,
        **AT_ONCE,
    )
    saved = asked.then(save, inputs=[result.speech, kind], outputs=button, **QUIETLY)
    saved.failure(**offer)
    return offered


def _offered(kind: str) -> str:
    return f"{_DOWNLOAD} {_NAMES[kind]}"
