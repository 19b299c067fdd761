"""What stands above and below the page: which model speaks, what is kept, where misuse is told."""

import os
from functools import partial

import gradio as gr
from markupsafe import Markup

from voxcpm_space.engine import Phase, Status
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio
from voxcpm_space.ui.words import AT_ONCE, bar, html, sentences, t_html

_ID = "model-banner"
_SECONDS_BETWEEN_LOOKS = 1.0

_PREVIEW = N_(
    "It is a small stand-in that runs anywhere, to try page and API with: a monotone English robot "
    "of which one word in ten is misheard, that ignores styles and transcripts, and takes no more "
    "than the pitch of a reference clip."
)
_HOW_TO_GET_IT = N_(
    "For the real voice start with {setting} and a network connection (about 5 GB to download; a "
    "GPU is recommended).",
    setting=Markup("<code>VOXCPM_MODEL=openbmb/VoxCPM2</code>"),
)
_STOPPING = N_("The server is stopping. Please come back in a minute.")
_JOINING = N_(
    "Reaching the cluster that the model runs on, which can take half a minute. You can type "
    "already."
)
_LOADING = N_("Loading the model. You can type already.")


def model_banner(demo: gr.Blocks, studio: Studio) -> None:
    """Adds the banner, which looks again every second until the model can speak."""
    banner = gr.HTML(_first(studio.status), elem_id=_ID)
    timer = gr.Timer(_SECONDS_BETWEEN_LOOKS)

    def look(gradio_request: gr.Request) -> tuple[str, gr.Timer]:
        status = studio.status
        banner = banner_html(status, requested_language(gradio_request.headers))
        return banner, gr.Timer(active=status.phase is not Phase.READY)

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
            component["props"]["value"] = _first(status)


def _first(status: Status) -> str:
    """Gives the banner for whoever opens the page; empty where there is nothing to say."""
    if status.phase is Phase.READY and not status.is_preview:
        return ""
    return t_html(_ID, partial(banner_html, status))


def banner_html(status: Status, language: str) -> str:
    """Gives the banner for a status; empty where there is nothing to say."""
    if status.phase is Phase.DOWNLOADING:
        downloading = N_(
            "Downloading the model, {part:.0%} done. It speaks when it is here.",
            part=status.downloaded,
        )
        progress = bar(status.downloaded, html(downloading, language), language)
        return f"<div class='banner'>{progress}</div>"
    if status.phase is Phase.STOPPING:
        return f"<div class='banner'>{html(_STOPPING, language)}</div>"
    if status.phase is Phase.JOINING:
        return f"<div class='banner'>{html(_JOINING, language)}</div>"
    if status.phase is not Phase.READY:
        return f"<div class='banner'>{html(_LOADING, language)}</div>"
    return _preview(status.why_preview, language) if status.is_preview else ""


def _preview(why: str, language: str) -> str:
    headline = html(N_("This is the preview voice, not VoxCPM2."), language)
    more = html(N_("More"), language)
    text = f"<p>{html(_PREVIEW, language)}</p><p>{html(_HOW_TO_GET_IT, language)}</p>"
    if why:
        text += f"<p>{html(why, language)}</p>"
    return (
        "<div class='banner warning' role='alert'><details>"
        f"<summary><strong>{headline}</strong> <span>{more}</span></summary>{text}</details></div>"
    )


def footer(settings: Settings) -> None:
    """Adds it."""
    text = t_html("footer", partial(footer_text, settings))
    gr.HTML(f"<p>{text}</p>", elem_id="footer", padding=False)


def footer_text(settings: Settings, language: str) -> str:
    """Gives its HTML."""
    consent = N_("Clone a voice only with the consent of the person it belongs to.")
    minutes = settings.keep_seconds / 60
    if contact := settings.contact or _community_of_the_space():
        words = html(N_("report misuse"), language)
        link = Markup("<a href='{}' target='_blank'>{}</a>").format(contact, words)
        kept = N_(
            "Files are deleted after {minutes:.0f} minutes; {link}.", minutes=minutes, link=link
        )
    else:
        kept = N_(
            "Files are deleted after {minutes:.0f} minutes; report misuse to the person who runs "
            "this server.",
            minutes=minutes,
        )
    leaving = [_log_out(language)] if settings.accounts else []
    return sentences([consent, kept, *leaving], language)


def _log_out(language: str) -> Markup:
    return Markup("<a href='logout'>{}</a>").format(html(N_("Log out"), language))


def _community_of_the_space() -> str:
    """Gives the address where a Space is discussed; empty elsewhere."""
    space = os.environ.get("SPACE_ID")
    return f"https://huggingface.co/spaces/{space}/discussions" if space else ""
