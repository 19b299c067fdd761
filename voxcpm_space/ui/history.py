"""The list of the last speeches, which only the browser keeps; `assets/history.js` fills it."""

from collections.abc import Sequence

import gradio as gr

from voxcpm_space.messages import N_
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.generation import Result, SpeechTab
from voxcpm_space.ui.handlers import AT_ONCE

_WORDS = {
    "title": N_("History"),
    "empty": N_("What you make stays here, in this browser."),
    "play": N_("Play: {words}", words="{words}"),
    "play_short": N_("Play"),
    "download": N_("Download: {words}", words="{words}"),
    "download_short": N_("Download"),
    "restore": N_("Restore: {words}", words="{words}"),
    "restore_short": N_("Restore text and settings"),
    "remove": N_("Delete: {words}", words="{words}"),
    "remove_short": N_("Delete"),
    "deleted": N_("Deleted."),
    "undo": N_("Undo"),
    "part": N_("connection lost"),
}


def history(result: Result, tabs: Sequence[SpeechTab], all_tabs: gr.Tabs) -> None:
    """Adds the list of the last speeches, which only the browser keeps."""
    chosen = component(
        "history.js",
        _WORDS,
        value="",
        html_template="<h2></h2><p class='hint'></p><section hidden><ul></ul></section>",
        elem_classes="history",
    )
    counts = {tab.name: len(tab.kept) for tab in tabs}
    fields = [component for tab in tabs for component in tab.kept]
    restored = call("history.js", "restored", counts)
    chosen.select(None, chosen, [result.speech, all_tabs, *fields], js=restored, **AT_ONCE)
