"""What the page shows of a clip, with a recognizer that can be loaded."""

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.e2e.server import ROOT, Server
from tests.listening import read
from tests.tiny_checkpoint import build_tiny_checkpoint
from tests.tiny_whisper import HEARD, build_tiny_whisper
from voxcpm_space.examples import clips

MAN = ROOT / "examples" / "clips" / "english-male-rms.wav"


@pytest.fixture(scope="module")
def hearing_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hearing")
    server = Server(
        folder,
        VOXCPM_MODEL=str(build_tiny_checkpoint(folder / "tiny")),
        VOXCPM_ASR_MODEL=str(build_tiny_whisper(folder / "whisper")),
    )
    try:
        yield server.wait_for_page().wait_until_ready()
    finally:
        server.stop()


@pytest.fixture
def panel(browser, hearing_server):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(hearing_server.url)
    page.get_by_role("tab", name="Voice Cloning").click()
    yield page.get_by_role("tabpanel").filter(visible=True)
    page.close()


def upload(panel, path):
    panel.locator("input[type=file]").first.set_input_files(path)


def test_what_is_said_in_an_uploaded_clip_is_written_for_correction(panel):
    upload(panel, MAN)
    transcript = panel.get_by_label("Transcript of the clip")
    expect(transcript).to_have_value(HEARD * 21, timeout=60_000)
    expect(panel.get_by_role("img", name="s of 10.1 s are used")).to_be_visible()
    expect(panel.get_by_label("begins at second").first).to_be_hidden()
    panel.get_by_text("English woman").click()
    expect(transcript).to_have_value(clips()[1].transcript)
    expect(panel.get_by_role("img", name="of 7.5 s are used")).to_be_visible()
    panel.get_by_label("Clear").first.click()
    expect(panel.get_by_role("img", name="are used")).to_be_hidden()


def test_of_a_long_clip_another_part_can_be_chosen_on_a_phone(panel, tmp_path):
    samples = np.concatenate([read(clip.path)[0] for clip in clips()] * 2)
    soundfile.write(tmp_path / "long.wav", samples, 16_000)
    upload(panel, tmp_path / "long.wav")
    start = panel.get_by_label("begins at second").first
    expect(start).to_be_visible(timeout=60_000)
    start.fill("100")
    start.press("Enter")
    expect(panel.get_by_text("those from 100.")).to_be_visible(timeout=20_000)
    page = panel.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_clip_that_cannot_be_used_says_so_at_once(panel, tmp_path):
    (tmp_path / "clip.wav").write_text("not audio")
    upload(panel, tmp_path / "clip.wav")
    expect(panel.get_by_text("is not audio that can be read here")).to_be_visible()
