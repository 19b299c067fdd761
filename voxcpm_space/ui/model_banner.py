"""Says which model speaks, and how far it is while it is not there yet."""

import gradio as gr

from voxcpm_space.engine import Phase, Status
from voxcpm_space.studio import Studio
from voxcpm_space.ui.bars import bar
from voxcpm_space.ui.events import AT_ONCE
from voxcpm_space.ui.words import GAP, html, said

_ID = "model-banner"
_SECONDS_BETWEEN_LOOKS = 1.0

_PREVIEW = (
    "It is a small stand-in that runs anywhere, to try page and API with: a monotone English robot "
    "of which one word in three is lost, that ignores styles and takes no more than the pitch of a "
    "reference clip."
)
_HOW_TO_GET_IT = (
    "For the real voice start with {setting} and a network connection (about 5 GB to download; a "
    "GPU is recommended)."
)
_SETTING = "<code>VOXCPM_MODEL=openbmb/VoxCPM2</code>"
_STOPPING = "The server is stopping. Please come back in a minute."
_LOADING = "Loading the model. You can type already."
_DOWNLOADING = "Downloading the model, {percent} done. It speaks when it is here."


def model_banner(demo: gr.Blocks, studio: Studio) -> None:
    """Adds the banner, which looks again every second until the model can speak."""
    banner = gr.HTML(banner_html(studio.status), elem_id=_ID)
    timer = gr.Timer(_SECONDS_BETWEEN_LOOKS)

    def look() -> tuple[str, gr.Timer]:
        status = studio.status
        return banner_html(status), gr.Timer(active=status.phase is not Phase.READY)

    for event in (demo.load, timer.tick):
        event(
            look,
            outputs=[banner, timer],
            **AT_ONCE,
        )


def begin_with_banner(demo: gr.Blocks, status: Status) -> None:
    """Lets the page, whoever opens it from now on, begin with the banner for a status.

    Gradio sends what components had when the page was built; what comes after it makes it jump.
    """
    for component in demo.config["components"]:
        if component["props"].get("elem_id") == _ID:
            component["props"]["value"] = banner_html(status)


def banner_html(status: Status) -> str:
    """Gives the banner for a status; empty where there is nothing to say."""
    if status.phase is Phase.DOWNLOADING:
        text = html(_DOWNLOADING, percent=f"{status.downloaded:.0%}")
        return f"<div class='banner'>{bar(status.downloaded, text)}</div>"
    if status.phase is Phase.STOPPING:
        return f"<div class='banner'>{html(_STOPPING)}</div>"
    if status.phase is not Phase.READY:
        return f"<div class='banner'>{html(_LOADING)}</div>"
    if not status.is_preview:
        return ""
    why = f"<p>{said(status.why_preview)}</p>" if status.why_preview else ""
    headline = f"<strong>{html('This is the preview voice, not VoxCPM2.')}</strong>"
    how = html(_HOW_TO_GET_IT, setting=_SETTING)
    text = f"<p>{headline}{GAP}{html(_PREVIEW)}</p><p>{how}</p>{why}"
    return f"<div class='banner warning' role='alert'>{text}</div>"
