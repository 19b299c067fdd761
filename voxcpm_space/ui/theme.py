"""How the page looks."""

import gradio as gr

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

HEAD = """<style>
.gradio-container { width: 100%; max-width: 1120px !important; margin: 0 auto !important; }
</style>"""
"""For the page's head: what must be there before Gradio's own styles, else all of it moves."""
CSS = """
#header { margin: 12px 0 0; }
#header h1 { font-size: 1.9rem; letter-spacing: -0.02em; margin-bottom: 0; }
#header p { color: var(--body-text-color-subdued); font-size: 1.02rem; }
#footer p { color: var(--body-text-color-subdued); font-size: 0.85rem; }
#footer a { padding: 0; }

/* Gradio's own colors of these have less contrast than WCAG's 4.5. */
:is(button[role="tab"].selected, a.download-link) { color: var(--primary-700) !important; }
.dark :is(button[role="tab"].selected, a.download-link) { color: var(--primary-400) !important; }
.gradio-container :is(#time, #duration, .playback) { color: var(--body-text-color-subdued); }

.banner { border: 1px solid var(--border-color-primary); border-radius: var(--radius-lg);
  background: var(--block-background-fill); padding: 12px 16px; font-size: 0.92rem; }
.banner p { margin: 0 0 6px; }
.banner p:last-child { margin: 0; }
.banner.warning { background: #fffbeb; border-color: #f59e0b; color: #78350f; }
.dark .banner.warning { background: #2a1f0a; border-color: #b45309; color: #fde68a; }
.banner.warning strong, .banner.warning code { color: inherit; background: none; }

.bar { height: 8px; border-radius: 4px; background: var(--border-color-primary);
  overflow: hidden; margin: 6px 0; }
.bar > div { height: 100%; border-radius: 4px; background: var(--color-accent);
  transition: width 0.15s linear; }
.bar-text, .hint { color: var(--body-text-color-subdued); font-size: 0.9rem; margin: 0; }
.advice { color: var(--body-text-color); font-size: 0.9rem; margin: 0 0 6px; padding-left: 10px;
  border-left: 3px solid #f59e0b; }
/* Neither the waveform of a long clip nor the tabs must widen the page of a phone. */
.waveform-container { contain: inline-size; }
@media (max-width: 480px) { .tab-container button { padding: 0 8px !important; } }
.clip { margin: 0; }
.clip img { width: 100%; height: 150px; display: block; }
.clip.x2 img { height: 300px; }
.clip figcaption { padding: 4px 0 8px; }
#clip-picture .html-container { padding: 0; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 14px; font-size: 0.9rem; margin: 0;
  font-variant-numeric: tabular-nums; color: var(--body-text-color); }
.facts abbr { text-decoration: none; cursor: help; }
.player audio { width: 100%; height: 54px; display: block; color-scheme: light; }
.dark .player audio { color-scheme: dark; }
.player .subtitles { min-height: 2.7em; margin: 8px 0 0; text-align: center; font-size: 0.95rem;
  line-height: 1.35; white-space: pre-line; color: var(--body-text-color); }
#model-banner .html-container, .take-line .html-container { padding: 0; }
.take-line { min-height: 44px; padding: 0 4px; }
"""
