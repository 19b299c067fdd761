"""The foot of the page: what speaks, what is kept, and where misuse is told."""

import os
from functools import partial

import gradio as gr
from markupsafe import Markup

from voxcpm_space.messages import N_
from voxcpm_space.settings import Settings
from voxcpm_space.ui.words import html, sentences, t_html

_MODEL = Markup("<a href='https://huggingface.co/openbmb/VoxCPM2' target='_blank'>VoxCPM2</a>")


def footer(settings: Settings) -> None:
    """Adds it."""
    text = t_html("footer", partial(footer_text, settings))
    gr.HTML(f"<p>{text}</p>", elem_id="footer", padding=False)


def footer_text(settings: Settings, language: str) -> str:
    """Gives its HTML."""
    about = N_(
        "{model} and this page are under the Apache 2.0 license. What you upload and what is made "
        "for you is deleted after {minutes:.0f} minutes, and nothing else of you is kept. Every "
        "file says in its comment tag that its speech is synthetic. Clone a voice only with the "
        "consent of the person it belongs to, and say so where you publish it.",
        model=_MODEL,
        minutes=settings.keep_seconds / 60,
    )
    report = N_("Please report misuse to the person who runs this server.")
    if contact := settings.contact or _community_of_the_space():
        words = html(N_("Report misuse"), language)
        link = Markup("<a href='{}' target='_blank'>{}</a>").format(contact, words)
        return sentences([about, link], language)
    return sentences([about, report], language)


def _community_of_the_space() -> str:
    """Gives the address where a Space is discussed; empty elsewhere."""
    space = os.environ.get("SPACE_ID")
    return f"https://huggingface.co/spaces/{space}/discussions" if space else ""
