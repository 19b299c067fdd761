"""How the page looks before its own style is there: Gradio's theme, and the page's head."""

import gradio as gr

from voxcpm_space.messages import N_
from voxcpm_space.ui.assets import scripts

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

TITLE = "VoxCPM2"

ABOUT = N_("Turn text into speech, in a voice you describe or clone.")

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


def head() -> str:
    """Gives HTML for the page's head, in which Jinja fills in where the server is."""
    told = {"og:title": TITLE, "og:description": ABOUT, "og:image": _PICTURE}
    card = '<meta name="twitter:card" content="summary_large_image">'
    metas = "".join(f'<meta property="{name}" content="{text}">' for name, text in told.items())
    return f"<title>{TITLE}</title>{metas}{card}{_HEAD}{scripts()}"
