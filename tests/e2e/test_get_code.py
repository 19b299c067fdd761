"""What the page shows as code makes what the page makes."""

import re
import shutil
import subprocess
import sys

import httpx
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e.server import ROOT
from tests.e2e.test_for_everyone import serious_findings
from tests.e2e.test_page import Tab
from tests.listening import read

MAN = ROOT / "examples" / "clips" / "english-male-rms.wav"


def code(page, tab):
    """Gives the programs by their labels, as they stand on the page."""
    tab.panel.get_by_role("button", name="Get code").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("tab").first).to_be_focused()
    shown = {}
    for each in dialog.get_by_role("tab").all():
        each.click()
        shown[each.inner_text()] = dialog.locator("code").inner_text()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    return shown


def run(program, folder, command=(sys.executable, "-c")):
    return subprocess.run(
        [*command, program], cwd=folder, check=True, capture_output=True, text=True, timeout=120
    ).stdout


def spoken_by(program, folder, *command):
    """Gives the audio at the URL that a program prints."""
    (url,) = set(re.findall(r"http\S+/speech/[\w.-]+", run(program, folder, *command)))
    return httpx.get(url).content


@pytest.fixture
def speech(tmp_path):
    """Generates, and gives the file that the page downloads."""

    def generated(tab):
        tab.be_quick()
        tab.panel.get_by_label("New seed each time").uncheck()
        tab.set("Seed", "7")
        tab.generate()
        tab.wait_for_speech()
        return tab.download(tmp_path)

    return generated


def test_the_code_for_a_speech_makes_the_same_audio_through_every_door(page, speech, tmp_path):
    tab = Tab(page, "Text to Speech")
    tab.type('It\'s $5, or "six". Good morning.')
    tab.set("Voice description", "A warm old man")
    expected = speech(tab)
    shown = code(page, tab)
    assert spoken_by(shown["curl"], tmp_path, ["bash", "-c"]) == expected.read_bytes()
    assert spoken_by(shown["Python, gradio_client"], tmp_path) == expected.read_bytes()
    if shutil.which("node"):
        js = ["node", "--input-type=module", "-e"]
        assert spoken_by(shown["JavaScript"], tmp_path, js) == expected.read_bytes()
    for label, command in (("Python, openai", None), ("curl, OpenAI's route", ["bash", "-c"])):
        run(shown[label], tmp_path, *([command] if command else []))
        samples, _ = read(tmp_path / "speech.wav")  # streamed, so at another level
        assert np.corrcoef(samples, read(expected)[0])[0, 1] > 0.999


def test_the_code_for_a_clip_and_for_a_dialogue_needs_their_files_alone(page, speech, tmp_path):
    shutil.copy(MAN, tmp_path / "me.wav")
    tab = Tab(page, "Dialogue")
    tab.panel.get_by_label("Speaker of line 1").fill("Ann")
    tab.panel.get_by_label("Line 1", exact=True).fill("Good morning.")
    tab.panel.get_by_label("Voice of Ann").select_option("clip")
    tab.panel.get_by_label("Clip for Ann").set_input_files(tmp_path / "me.wav")
    tab.consent()
    expected = speech(tab).read_bytes()
    shown = code(page, tab)
    assert "Python, openai" not in shown
    assert spoken_by(shown["curl"], tmp_path, ["bash", "-c"]) == expected
    assert spoken_by(shown["Python, gradio_client"], tmp_path) == expected


def test_the_dialog_is_for_everyone_and_says_what_is_wrong(page):
    tab = Tab(page, "Text to Speech")
    tab.panel.get_by_role("button", name="Get code").click()
    dialog = page.get_by_role("dialog", name="This speech by a program")
    expect(dialog).to_be_visible()
    assert serious_findings(page) == []
    dialog.get_by_role("tab").first.press("ArrowRight")
    expect(dialog.get_by_role("tabpanel")).to_contain_text("gradio_client")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    tab = Tab(page, "Voice Cloning")
    tab.panel.get_by_role("button", name="Get code").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("Please choose an example")
