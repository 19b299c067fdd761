"""The page as a whole."""

from collections.abc import Sequence

import gradio as gr
from gradio.components import Component

from voxcpm_space.api.blocks import Blocks
from voxcpm_space.api.endpoints import add_endpoints
from voxcpm_space.api.service import SpeechService
from voxcpm_space.compat.gradio import compute_no_analytics, own_files, poll_queue_every
from voxcpm_space.messages import N_
from voxcpm_space.outputs import Outputs
from voxcpm_space.ui.assets import call, scripts
from voxcpm_space.ui.banner import footer, model_banner
from voxcpm_space.ui.batch_tab import batch_tab
from voxcpm_space.ui.cloning_tab import cloning_tab
from voxcpm_space.ui.dialogue import dialogue_tab
from voxcpm_space.ui.generation import SpeechTab, connect
from voxcpm_space.ui.get_code import get_code, get_code_button
from voxcpm_space.ui.handlers import AT_ONCE
from voxcpm_space.ui.history import history
from voxcpm_space.ui.result import result_actions, result_panel
from voxcpm_space.ui.tts_tab import tts_tab
from voxcpm_space.ui.voice_cards import SAMPLE
from voxcpm_space.ui.voices import own_voices
from voxcpm_space.ui.words import t, translations

_TEXT_FONTS = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
_CODE_FONTS = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

# Fonts of the visitor's own machine: nothing is fetched from elsewhere.
THEME = gr.themes.Default(
    primary_hue=gr.themes.colors.teal,
    secondary_hue=gr.themes.colors.teal,
    neutral_hue=gr.themes.colors.slate,
    radius_size=gr.themes.sizes.radius_lg,
    font=_TEXT_FONTS,
    font_mono=_CODE_FONTS,
).set(
    body_background_fill="*neutral_50",
    body_background_fill_dark="*neutral_950",
    block_shadow="none",
    block_border_width="1px",
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_dark="*primary_700",
    button_primary_background_fill_hover_dark="*primary_800",
    button_primary_text_color="white",
    color_accent="*primary_600",
    body_text_color_subdued="*neutral_500",
    body_text_color_subdued_dark="*neutral_400",
    block_info_text_color="*neutral_500",
    link_text_color="*primary_700",
    link_text_color_hover="*primary_800",
    link_text_color_visited="*primary_700",
    link_text_color_active="*primary_800",
    block_info_text_color_dark="*neutral_400",
)

_TITLE = "VoxCPM2"
_ABOUT = N_("Turn text into speech, in a voice you describe or clone.")
_HEADER = f"# [VoxCPM2](https://huggingface.co/openbmb/VoxCPM2)\n\n{t(_ABOUT)}"
_HEAD = """<style>
.gradio-container { width: 100%; max-width: 1200px !important; margin: 0 auto !important; }
@media (min-width: 769px) {
  .toast-wrap { inset: auto auto 16px 16px !important; }
}
@media (max-width: 480px) { .main.fillable { padding-inline: 16px !important; } }
#top { min-height: 88px; }
#work { min-height: 620px; }
.voices { min-height: 64px; }
body:not(:has(#work .start-button)) #footer { visibility: hidden; }
body:not(:has(#work .text textarea)) .one-voice { visibility: hidden; }
@media (min-width: 769px) {
  #top { min-height: 30px; }
  #work { min-height: 520px; }
}
</style>"""
"""What must be there before Gradio's own styles, else all of it moves; and toasts, which never
cover the player and stand outside of what `css` of `launch` is for."""
_PICTURE = "{{ config.get('root', '') }}/page/assets/picture.png"
"""For whoever shows what a link to the page leads to; only the server knows its own address."""
_DAY = 86_400
_REQUESTS_AT_ONCE = 8
"""Of each kind, so that a slow download of a clip holds up nobody; the engine takes turns."""
_LOOKING_SECONDS = 0.02
"""Between two looks into Gradio's queue; its own 1 ms keeps a tenth of a core busy for nothing."""


def head() -> str:
    """Gives HTML for the page's head, in which Jinja fills in where the server is."""
    told = {"og:title": _TITLE, "og:description": _ABOUT, "og:image": _PICTURE}
    card = '<meta name="twitter:card" content="summary_large_image">'
    metas = "".join(f'<meta property="{name}" content="{text}">' for name, text in told.items())
    return f"<title>{_TITLE}</title>{metas}{card}{_HEAD}{scripts()}"


def build_demo(service: SpeechService, outputs: Outputs) -> gr.Blocks:
    """Builds the page with its tabs, and the endpoints for programs beside them."""
    keep = outputs.keep_seconds
    demo = Blocks(
        title=_TITLE,
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
                code_buttons = [(get_code_button(), speaking)]
            with gr.Tab(t("Voice Cloning"), id="voice-cloning"):
                cloning, reference = cloning_tab(service, own)
                code_buttons.append((get_code_button(), cloning))
            with gr.Tab(t("Dialogue"), id="dialogue"):
                talking = dialogue_tab(service, own)
                code_buttons.append((get_code_button(), talking))
            with gr.Tab(t("Batch"), id="batch"):
                of_batch = batch_tab(service, outputs)
        with gr.Column(scale=2, elem_id="beside"):
            speech_tabs = [speaking, cloning, talking]
            with gr.Column(elem_id="result"):
                result = result_panel()
                result_actions(service, result, speech_tabs, own)
            history(result, speech_tabs, tabs)
    get_code(service, code_buttons)
    for tab in speech_tabs:
        connect(service, tab, result, speech_tabs)
    _keep_draft(demo, speech_tabs, [reference.link, reference.denoise, *of_batch])
    _keep_tab(demo, tabs)


def _keep_draft(demo: gr.Blocks, tabs: Sequence[SpeechTab], others: list[Component]) -> None:
    """Keeps what is typed and set in the browser, from one visit to the next."""
    draft = gr.BrowserState([], storage_key="voxcpm-draft", secret="voxcpm-draft")  # noqa: S106
    fields = [*(field for tab in tabs for field in tab.kept), *others]
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
