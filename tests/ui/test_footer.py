import gradio as gr
import pytest

from voxcpm_space.settings import load_settings
from voxcpm_space.ui.footer import footer


@pytest.fixture
def shown():
    def show():
        with gr.Blocks(analytics_enabled=False) as demo:
            footer(load_settings())
        (text,) = demo.blocks.values()
        return text.value

    return show


def test_it_says_how_long_files_are_kept(shown, monkeypatch):
    monkeypatch.setenv("VOXCPM_KEEP_SECONDS", "600")
    assert "deleted after 10 minutes" in shown()


def test_misuse_is_told_to_whom_the_settings_name_else_to_the_space_else_to_the_runner(
    shown, monkeypatch
):
    assert "to the person who runs this server" in shown()
    monkeypatch.setenv("SPACE_ID", "ann/voices")
    assert "(https://huggingface.co/spaces/ann/voices/discussions)" in shown()
    monkeypatch.setenv("VOXCPM_CONTACT", "mailto:ann@example.com")
    assert "[Report misuse](mailto:ann@example.com)" in shown()
