"""The foot of the page: what speaks, what is kept, and where misuse is told."""

import os

import gradio as gr

from voxcpm_space.settings import Settings

_TEXT = """
[VoxCPM2](https://huggingface.co/openbmb/VoxCPM2) and this page are under the Apache 2.0 license.
What you upload and what is made for you is deleted after {minutes:.0f} minutes, and nothing else of
you is kept. Every file says in its comment tag that its speech is synthetic. Clone a voice only
with the consent of the person it belongs to, and say so where you publish it.
{report}
"""
_REPORT = "[Report misuse]({contact})."
_REPORT_TO_RUNNER = "Please report misuse to the person who runs this server."


def footer(settings: Settings) -> None:
    """Adds it."""
    gr.Markdown(footer_text(settings), elem_id="footer")


def footer_text(settings: Settings) -> str:
    """Gives its Markdown."""
    contact = settings.contact or _community_of_the_space()
    report = _REPORT.format(contact=contact) if contact else _REPORT_TO_RUNNER
    return _TEXT.format(minutes=settings.keep_seconds / 60, report=report)


def _community_of_the_space() -> str:
    """Gives the address where a Space is discussed; empty elsewhere."""
    space = os.environ.get("SPACE_ID")
    return f"https://huggingface.co/spaces/{space}/discussions" if space else ""
