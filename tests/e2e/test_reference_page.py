"""Clips from everywhere, and what the page shows of one, with a recognizer that can be loaded."""

import re
from base64 import b64encode

import numpy as np
import pytest
import soundfile
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from tests.e2e.forked import serving_forked
from tests.e2e.server import LOOPBACK, ROOT
from tests.listening import read
from tests.sharing import shared
from tests.whisper_base import whisper_base
from voxcpm_space.examples import clips

MAN = ROOT / "examples" / "clips" / "english-male-rms.wav"
HEARD = re.compile("^Good morning,? and thank you for calling .* choose a few.$")
HEARD_WITHIN = 60_000
"""In which Whisper base hears a clip, also on a busy machine, in milliseconds."""


@shared
def hearing_server(tmp_path_factory, tiny_checkpoint):
    folder = tmp_path_factory.mktemp("hearing")
    with serving_forked(
        folder,
        VOXCPM_MODEL=str(tiny_checkpoint),
        VOXCPM_ASR_MODEL=str(whisper_base()),
        VOXCPM_REFERENCE_HOSTS=LOOPBACK,
    ) as server:
        yield server


def opened(browser, server):
    """The cloning tab, on a phone."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(server.url)
    page.get_by_role("tab", name="Voice Cloning").click()
    return page.get_by_role("tabpanel").filter(visible=True)


@pytest.fixture
def panel(browser, hearing_server):
    panel = opened(browser, hearing_server)
    yield panel
    panel.page.close()


def give(panel, way):
    panel.locator(".sources").get_by_text(way, exact=True).click()


def upload(panel, path):
    give(panel, "Upload")
    panel.locator("input[type=file]").first.set_input_files(path)


def choose_the_woman(panel):
    give(panel, "Examples")
    panel.get_by_role("button", name="English woman").click()


def test_what_is_said_in_an_uploaded_clip_is_written_for_correction(panel):
    upload(panel, MAN)
    transcript = panel.get_by_label("Transcript of the clip")
    expect(transcript).to_have_value(HEARD, timeout=HEARD_WITHIN)
    expect(panel.get_by_text("of 0:10.")).to_be_visible()
    expect(panel.get_by_label("begins at second").first).to_be_hidden()
    choose_the_woman(panel)
    expect(transcript).to_have_value(clips()[1].transcript)
    expect(panel.get_by_text("of 0:07.")).to_be_visible()
    give(panel, "Upload")
    expect(panel.get_by_text("of 0:10.")).to_be_visible()  # it is there still
    panel.get_by_label("Clear").first.click()
    expect(panel.get_by_text("Using")).to_be_hidden()


def test_a_corrected_transcript_is_remembered_with_its_clip_for_this_visitor(
    panel, browser, hearing_server
):
    transcript = panel.get_by_label("Transcript of the clip")
    upload(panel, MAN)
    expect(transcript).to_have_value(HEARD, timeout=HEARD_WITHIN)
    transcript.fill("Good morning.")
    transcript.blur()
    choose_the_woman(panel)
    expect(transcript).to_have_value(clips()[1].transcript)
    give(panel, "Upload")
    expect(transcript).to_have_value("Good morning.")

    others = opened(browser, hearing_server)
    upload(others, MAN)
    expect(others.get_by_label("Transcript of the clip")).to_have_value(HEARD, timeout=HEARD_WITHIN)
    others.page.close()


def test_of_a_long_clip_another_part_can_be_chosen_on_a_phone(panel, tmp_path):
    samples = np.concatenate([read(clip.path)[0] for clip in clips()] * 2)
    soundfile.write(tmp_path / "long.wav", samples, 16_000)
    upload(panel, tmp_path / "long.wav")
    start = panel.get_by_label("begins at second").first
    expect(start).to_be_visible()
    start.fill("100")
    start.press("Enter")
    expect(panel.get_by_text("those from 100.")).to_be_visible()
    page = panel.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_clip_that_cannot_be_used_says_so_at_once(panel, tmp_path):
    (tmp_path / "clip.wav").write_text("not audio")
    upload(panel, tmp_path / "clip.wav")
    expect(panel.get_by_text("is not audio that can be read here")).to_be_visible()


def test_a_clip_from_a_url_is_looked_at_and_cloned(panel, internet):
    give(panel, "Link")
    panel.get_by_label("Link to a clip").fill(f"{internet}/{MAN.name}")
    panel.get_by_label("Link to a clip").press("Enter")
    expect(panel.get_by_text("of 0:10.")).to_be_visible()
    panel.get_by_label("I may use this voice").check()
    panel.get_by_placeholder("What should the voice say?").fill("Hi.")
    panel.get_by_role("button", name="Generate").click()
    expect(panel.page.locator(".facts")).to_contain_text("s of speech")


@pytest.mark.parametrize("kind", ["URL", "data", "file", "example"])
def test_a_program_gives_a_clip_in_every_way(hearing_server, internet, kind):
    ways = {
        "URL": f"{internet}/{MAN.name}",
        "data": "data:audio/wav;base64," + b64encode(MAN.read_bytes()).decode(),
        "file": handle_file(MAN),
        "example": MAN.stem,
    }
    client = Client(hearing_server.url, verbose=False)
    answer = client.predict(
        text="Hi.",
        reference_audio_url=ways[kind],
        transcribe=False,
        dit_steps=1,
        api_name="/voice-cloning",
    )
    client.close()
    assert answer["status"] == "done"
