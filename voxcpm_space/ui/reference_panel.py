"""The reference clip on the page: where it comes from, one way at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from voxcpm_space.api.service import SpeechService
from voxcpm_space.examples import clips
from voxcpm_space.messages import N_
from voxcpm_space.ui.assets import call, component, markup
from voxcpm_space.ui.player import TRANSPORT_WORDS
from voxcpm_space.ui.voices import VoicePicker, voice_picker
from voxcpm_space.ui.words import AT_ONCE, hint, html, t, t_html

MAY_USE = N_("I may use this voice: it is mine, or the person it belongs to has agreed.")
NOT_UPLOADED = N_("The clip could not be uploaded. Please try again.")

OWN_VOICES = "voices"
"""The source that is no clip, but a kept voice."""
LINK = "link"
_SOURCES = {
    "examples": t("Examples"),
    "upload": t("Upload"),
    "record": t("Record"),
    LINK: t("Link"),
    OWN_VOICES: t("My voices"),
}
_TO_READ = N_(
    "On Saturday morning we walked along the river, bought warm bread at the market, and talked "
    "about everything that had happened since the spring."
)
_RECORDER_WORDS = {
    "record": N_("Record"),
    "again": N_("Record again"),
    "stop": N_("Stop recording"),
    "cancel": N_("Cancel"),
    "ready": N_("Get ready: {number}", number="{number}"),
    "left": N_("{left} s left", left="{left}"),
    "level": N_("Loudness"),
    "quiet": N_("Too quiet. Come closer to the microphone."),
    "loud": N_("Too loud. Move away from the microphone."),
    "denied": N_("No microphone can be used. Allow it in the browser, or upload a clip."),
    "not_uploaded": NOT_UPLOADED,
}
_RECORDER = """
<div class="recorder" data-most="{most}">
  <button type="button"></button><meter class="level"></meter><span class="time"></span>
  <p role="status"></p>
</div>
"""


@dataclass(frozen=True)
class ReferencePanel:
    """Where a person gives a clip, listens to it, and says that it may be used.

    Attributes:
        source: One of the ways to give a voice.
        voices: The one that is a kept voice.
        link: The one that is a URL.
        clip: The clip that is in use: a path, a URL or the name of an example; empty for none.
        cards: The examples.
        view: The player of the clip; `Look` gives its values.
        part: Which part of a long one is used.
        start: Second at which that begins.
        denoise: Whether noise is removed from it.
        may_use: The person's consent.
    """

    source: gr.Radio
    voices: VoicePicker
    link: gr.Textbox
    clip: gr.Textbox
    cards: gr.HTML
    view: gr.HTML
    part: gr.Slider
    start: gr.Number
    denoise: gr.Checkbox
    may_use: gr.Checkbox

    @property
    def inputs(self) -> list[Component]:
        """What `fields` takes."""
        return [self.source, self.clip, self.denoise, self.start, self.may_use]


def reference_panel(service: SpeechService, own: gr.BrowserState) -> ReferencePanel:
    """Adds the panel; `own` are the visitor's voices."""
    source = gr.Radio(
        [(label, value) for value, label in _SOURCES.items()],
        value="examples",
        label=t("1. Voice"),
        elem_classes=["sources", "field-source"],
    )
    # Nothing is rendered before it is seen; the sources' order is that of `_SOURCES`.
    with gr.Column() as examples:
        cards = clip_cards()
    with gr.Column(visible=False) as upload:
        # No gr.Audio: its player, which is not shown, is a fifth of what a visitor downloads.
        uploaded = gr.File(
            label=t("Clip, best 5 to 20 s"),
            file_types=["audio", "video"],
            height=150,
            elem_classes="upload",
        )
    with gr.Column(visible=False) as record:
        gr.HTML(t_html("to-read", _to_read), elem_classes="reading")
        recorded = component(
            "recorder.js",
            _RECORDER_WORDS,
            value="",
            html_template=_RECORDER.format(most=service.studio.settings.max_reference_seconds),
            padding=False,
        )
    with gr.Column(visible=False) as linked:
        link = gr.Textbox(
            value="",
            label=t("Link to a clip"),
            placeholder="https://example.com/voice.mp3",
            max_lines=1,
            elem_classes="field-link",
        )
    with gr.Column(visible=False, elem_classes=f"field-{OWN_VOICES}") as kept:
        voices = voice_picker(service, own, is_folded=False)
    panel = ReferencePanel(source, voices, link, cards=cards, **_looked_at())
    _open(panel, [examples, upload, record, linked, kept])
    given = [source, uploaded, recorded, link]
    changes = [source.change, cards.select, link.submit, link.blur, uploaded.upload]
    changes += [uploaded.clear, recorded.input]
    gr.on(changes, None, given, panel.clip, js=call("clips.js", "located"), **AT_ONCE)
    return panel


def _looked_at() -> dict[str, Any]:
    """Adds what is shown of the clip, whichever way it came."""
    return {
        "clip": gr.Textbox("", visible="hidden", label="clip"),
        "view": component(
            "clip.js",
            TRANSPORT_WORDS,
            value='{"sound": "", "peaks": [], "about": ""}',
            html_template=markup("clip.html"),
            elem_classes="clip-view",
        ),
        "part": gr.Slider(
            0, 1, step=0.1, label=t("The part to use begins at second"), visible=False, buttons=[]
        ),
        # No gr.State: for that every client holds a connection open, and the server's end waits.
        "start": gr.Number(visible=False),
        "denoise": gr.Checkbox(label=t("Remove noise from the clip"), visible=False),
        "may_use": gr.Checkbox(label=t(MAY_USE), visible=False, elem_classes="field-may_use"),
    }


def _open(panel: ReferencePanel, columns: Sequence[gr.Column]) -> None:
    """Shows one way at a time, and asks for consent where it is needed, anew for each clip."""
    opened = call("clips.js", "opened", list(_SOURCES))
    shown = [*columns, panel.may_use]
    panel.source.change(None, panel.source, shown, js=opened, **AT_ONCE)
    asked = call("clips.js", "asked")
    panel.clip.change(None, panel.source, panel.may_use, js=asked, **AT_ONCE)


def _to_read(language: str) -> str:
    invited = html(N_("Read this aloud, or say what you like:"), language)
    return f"{hint(invited)}<p class='to-read'>{html(_TO_READ, language)}</p>"


def clip_cards() -> gr.HTML:
    """Adds the example clips to choose from; `assets/clips.js` knows which one is."""
    classes = ["voices", "example-clips"]
    return component("clips.js", {}, value=t_html("clips", _clip_cards), elem_classes=classes)


def _clip_cards(language: str) -> str:
    cards = Markup().join(
        Markup(
            "<button type='button' aria-pressed='false' data-clip='{}' data-text='{}'>{}</button>"
        ).format(clip.voice, clip.text, html(N_(clip.name), language))
        for clip in clips()
    )
    label = html(N_("Voices to try"), language)
    return f"<div role='group' aria-label='{label}'>{cards}</div>"
