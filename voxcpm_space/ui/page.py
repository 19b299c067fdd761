"""The page as a whole: tabs, history, code for what is set, and what the browser keeps."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import gradio as gr
from gradio.components import Component

from voxcpm_space.api.blocks import Blocks
from voxcpm_space.api.endpoints import add_endpoints
from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.api.snippets import snippets
from voxcpm_space.compat.gradio import (
    compute_no_analytics,
    event_route,
    own_files,
    poll_queue_every,
    public_root,
)
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.outputs import Outputs
from voxcpm_space.ui.assets import call, component
from voxcpm_space.ui.assets.theme import ABOUT, TITLE
from voxcpm_space.ui.banner import footer, model_banner
from voxcpm_space.ui.batch_tab import batch_tab
from voxcpm_space.ui.cloning_tab import cloning_tab
from voxcpm_space.ui.dialogue import dialogue_tab
from voxcpm_space.ui.generation import Result, SpeechTab, connect
from voxcpm_space.ui.result import result_actions, result_panel
from voxcpm_space.ui.tts_tab import tts_tab
from voxcpm_space.ui.voices import SAMPLE, own_voices
from voxcpm_space.ui.words import AT_ONCE, QUIETLY, answered_on_page, t, translations

_HEADER = f"# [VoxCPM2](https://huggingface.co/openbmb/VoxCPM2)\n\n{t(ABOUT)}"
_DAY = 86_400
_REQUESTS_AT_ONCE = 8
"""Of each kind, so that a slow download of a clip holds up nobody; the engine takes turns."""
_LOOKING_SECONDS = 0.02
"""Between two looks into Gradio's queue; its own 1 ms keeps a tenth of a core busy for nothing."""
_CODE_WORDS = {
    "title": N_("This speech by a program"),
    "copy": N_("Copy"),
    "copied": N_("Copied"),
    "close": N_("Close"),
    "docs": N_("All routes of this server"),
}

_CODE_TEMPLATE = "<dialog><header><h2></h2></header><div role='tablist'></div></dialog>"
_HISTORY_WORDS = {
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


def build_demo(service: SpeechService, outputs: Outputs) -> gr.Blocks:
    """Builds the page with its tabs, and the endpoints for programs beside them."""
    keep = outputs.keep_seconds
    demo = Blocks(
        title=TITLE,
        analytics_enabled=False,
        delete_cache=(_DAY, keep),  # also deletes everything at the end; see expiry.py
    )
    with demo:
        with gr.Row(elem_id="top"):
            gr.Markdown(_HEADER, elem_id="header")
            model_banner(demo, service.studio)
        _studio(demo, service, outputs)
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


def _studio(demo: gr.Blocks, service: SpeechService, outputs: Outputs) -> None:
    """Adds the tabs, and beside them the result that they share."""
    own = own_voices()
    with gr.Row(equal_height=False, elem_id="studio"):
        with gr.Column(scale=3, elem_id="work"), gr.Tabs() as tabs:
            with gr.Tab(t("Text to Speech"), id="text-to-speech"):
                speaking = tts_tab(service, own)
                code_buttons = [(_get_code_button(), speaking)]
            with gr.Tab(t("Voice Cloning"), id="voice-cloning"):
                cloning, reference = cloning_tab(service, own)
                code_buttons.append((_get_code_button(), cloning))
            with gr.Tab(t("Dialogue"), id="dialogue"):
                talking = dialogue_tab(service, own)
                code_buttons.append((_get_code_button(), talking))
            with gr.Tab(t("Batch"), id="batch"):
                of_batch = batch_tab(service, outputs)
        with gr.Column(scale=2, elem_id="beside"):
            speech_tabs = [speaking, cloning, talking]
            with gr.Column(elem_id="result"):
                result = result_panel()
                result_actions(service, result, speech_tabs, own)
            _history(result, speech_tabs, tabs)
    _get_code(service, code_buttons)
    for tab in speech_tabs:
        connect(service, tab, result, speech_tabs)
    _keep_draft(demo, speech_tabs, [reference.link, reference.denoise, *of_batch])
    _keep_tab(demo, tabs)


def _keep_draft(demo: gr.Blocks, tabs: Sequence[SpeechTab], others: list[Component]) -> None:
    """Keeps what is typed and set in the browser, from one visit to the next."""
    draft = gr.BrowserState([], storage_key="voxcpm-draft", secret="voxcpm-draft")  # noqa: S106
    fields = [*(field for tab in tabs for field in tab.kept), *others]
    for at, field in enumerate(fields):
        if isinstance(field, gr.Textbox | gr.Number | gr.Slider):  # what is typed into
            field.elem_classes = [*field.elem_classes, f"kept-{at}"]
    texts = {tab.name: fields.index(tab.kept[0]) for tab in tabs}
    restored = call("draft.js", "restored", translations(SAMPLE), texts)
    # Once the module is here: what was typed while it came is then among the values.
    demo.load(None, js=call("draft.js", "loaded"), **AT_ONCE).then(
        None, [draft, *fields], fields, js=restored, **AT_ONCE
    ).then(None, js=call("page.js", "ready"), **AT_ONCE)
    changes = [field.change for field in fields]  # type: ignore[attr-defined]
    gr.on(changes, None, fields, draft, js=call("draft.js", "saved"), **AT_ONCE)


def _keep_tab(demo: gr.Blocks, tabs: gr.Tabs) -> None:
    kept = gr.BrowserState("", storage_key="voxcpm-tab", secret="voxcpm-tab")  # noqa: S106
    names = []
    for tab in tabs.children:
        assert isinstance(tab, gr.Tab)
        names.append(tab.id)
        tab.select(None, None, kept, js=call("draft.js", "savedTab", tab.id), **AT_ONCE)
    restored = call("draft.js", "restoredTab", names)
    demo.load(None, kept, [tabs, kept], js=restored, **AT_ONCE)


def _history(result: Result, tabs: Sequence[SpeechTab], all_tabs: gr.Tabs) -> None:
    """Adds the list of the last speeches, which only the browser keeps."""
    chosen = component(
        "history.js",
        _HISTORY_WORDS,
        value="",
        html_template="<h2></h2><p class='hint'></p><section hidden><ul></ul></section>",
        elem_classes="history",
    )
    counts = {tab.name: len(tab.kept) for tab in tabs}
    fields = [component for tab in tabs for component in tab.kept]
    restored = call("history.js", "restored", counts)
    chosen.select(None, chosen, [result.speech, all_tabs, *fields], js=restored, **AT_ONCE)


def _get_code_button() -> gr.Button:
    """Adds the button."""
    return gr.Button(t("Get code"), elem_classes="quiet")


def _get_code(service: SpeechService, buttons: Sequence[tuple[gr.Button, SpeechTab]]) -> None:
    """Adds the dialog, and makes the button of each tab open it."""
    dialog = component(
        "get_code.js",
        _CODE_WORDS,
        value={"snippets": []},
        html_template=_CODE_TEMPLATE,
        elem_id="get-code",
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
