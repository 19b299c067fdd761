"""The foot of the page: what speaks, what is kept, and where misuse is told."""

import os
from html import escape

import gradio as gr

from voxcpm_space.settings import Settings
from voxcpm_space.ui.words import GAP, html

_TEXT = (
    "{model} and this page are under the Apache 2.0 license. What you upload and what is made for "
    "you is deleted after {minutes} minutes, and nothing else of you is kept. Every file says in "
    "its comment tag that its speech is synthetic. Clone a voice only with the consent of the "
    "person it belongs to, and say so where you publish it."
)
_MODEL = "<a href='https://huggingface.co/openbmb/VoxCPM2' target='_blank'>VoxCPM2</a>"
_REPORT = "Report misuse"
_REPORT_TO_RUNNER = "Please report misuse to the person who runs this server."


def footer(settings: Settings) -> None:
    """Adds it."""
    gr.HTML(f"<p>{footer_text(settings)}</p>", elem_id="footer", padding=False)


def footer_text(settings: Settings) -> str:
    """Gives its HTML."""
    minutes = f"{settings.keep_seconds / 60:.0f}"
    contact = settings.contact or _community_of_the_space()
    report = html(_REPORT_TO_RUNNER)
    if contact:
        report = f"<a href='{escape(contact)}' target='_blank'>{html(_REPORT)}</a>"
    return f"{html(_TEXT, model=_MODEL, minutes=minutes)}{GAP}{report}"


def _community_of_the_space() -> str:
    """Gives the address where a Space is discussed; empty elsewhere."""
    space = os.environ.get("SPACE_ID")
    return f"https://huggingface.co/spaces/{space}/discussions" if space else ""
