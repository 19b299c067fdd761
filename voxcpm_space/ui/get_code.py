"""Get code: what is set on a tab as programs that ask for the same, in a dialog of its own."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import gradio as gr

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.api.snippets import snippets
from voxcpm_space.compat.gradio import event_route, public_root
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.ui.assets import component
from voxcpm_space.ui.generation import SpeechTab
from voxcpm_space.ui.handlers import QUIETLY, answered_on_page
from voxcpm_space.ui.words import t

_WORDS = {
    "title": N_("This speech by a program"),
    "copy": N_("Copy"),
    "copied": N_("Copied"),
    "close": N_("Close"),
    "docs": N_("All routes of this server"),
}
_TEMPLATE = "<dialog><header><h2></h2></header><div role='tablist'></div></dialog>"


def get_code_button() -> gr.Button:
    """Adds the button."""
    return gr.Button(t("Get code"), elem_classes="quiet")


def get_code(service: SpeechService, buttons: Sequence[tuple[gr.Button, SpeechTab]]) -> None:
    """Adds the dialog, and makes the button of each tab open it."""
    dialog = component(
        "get_code.js", _WORDS, value={"snippets": []}, html_template=_TEMPLATE, elem_id="get-code"
    )
    for button, tab in buttons:
        button.click(_opening(service, tab), tab.inputs, dialog, **QUIETLY)


def _opening(service: SpeechService, tab: SpeechTab) -> Callable[..., dict[str, Any]]:
    def show(gradio_request: gr.Request, *values: Any) -> dict[str, Any]:
        request = http_request(gradio_request)
        with answered_on_page(requested_language(request.headers)):
            fields = tab.fields(request, *values)
            url = public_root(request, event_route(request))
            shown = snippets(tab.operation, fields, url, is_closed=service.is_closed)
        # Another value each time, so that the dialog opens again.
        return {"snippets": [asdict(each) for each in shown], "turn": secrets.token_hex(4)}

    return show
