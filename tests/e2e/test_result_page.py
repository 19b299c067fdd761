"""What a person gets beside the player once a speech is made."""

import re

import av
import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.e2e.test_page import MAN, Tab

PARTS = "A part that is not right"
AGAIN = "Make this part again"
LINE = "The train was late again. We have to wait here for a while, and nobody knows how long."


@pytest.fixture
def made(page):
    """The Text to Speech tab with a speech of two parts."""
    tab = Tab(page, "Text to Speech")
    tab.type(f"{LINE}\n\n{LINE}")
    tab.generate()
    return tab.wait_for_speech()


def choose(tab, label, option):
    tab.panel.get_by_label(label).click()
    tab.panel.page.get_by_role("option", name=option).click()


def test_a_speech_shows_its_words_and_is_downloaded_in_another_format(made, tmp_path):
    made.player.evaluate("(a) => { a.currentTime = 0; a.play() }")
    words = made.panel.locator(".player .subtitles")
    expect(words).to_have_text("The train was late again.")
    expect(words).to_contain_text("We have to wait")
    for option, suffix in (("MP3", ".mp3"), ("Subtitles, SRT", ".srt")):
        choose(made, "Format", option)
        button = made.panel.get_by_text(f"Download {suffix[1:].upper()}")
        expect(button).to_be_enabled()
        with made.panel.page.expect_download() as started:
            button.click()
        assert started.value.suggested_filename.endswith(suffix)
        started.value.save_as(tmp_path / f"speech{suffix}")
    with av.open(str(tmp_path / "speech.mp3")) as file:
        assert 3 < file.duration / av.time_base < 20
        assert "Synthetic speech" in str(file.metadata)
    assert (tmp_path / "speech.srt").read_text("utf-8").count(" --> ") >= 4


def test_one_part_is_made_again_unless_the_speech_is_gone(made, server):
    before = set(server.made_files())
    old = max(before, key=lambda path: path.stat().st_mtime)
    again = made.panel.get_by_role("button", name=AGAIN)
    choose(made, PARTS, "2: The train")
    again.click()
    expect(made.panel.get_by_role("button", name="Generate")).to_be_disabled()
    expect(again).to_be_enabled()
    expect(made.facts).to_be_visible()
    expect(made.panel.get_by_label(PARTS)).to_have_value(re.compile("2: The train was late"))
    (new,) = set(server.made_files()) - before
    samples = [soundfile.read(path, dtype="int16")[0] for path in (old, new)]
    shortest = min(map(len, samples))
    same = np.flatnonzero(samples[0][:shortest] != samples[1][:shortest])[0] / shortest
    assert same > 0.3  # the first of the two parts

    new.unlink()
    again.click()
    expect(made.panel.page.get_by_text("files are kept for 60 minutes")).to_be_visible()
    expect(made.panel.get_by_role("button", name="Generate")).to_be_enabled()
    made.generate()
    expect(again).to_be_hidden()


def test_stopping_a_part_leaves_the_speech_as_it_was(made, browser, server):
    other = browser.new_page()
    other.goto(server.url)
    busy = Tab(other, "Text to Speech")
    busy.take_long()
    busy.type(" ".join([LINE] * 64))
    busy.generate()
    expect(busy.bar.locator("~ .bar-text")).to_contain_text("s made")
    before, facts = server.made_files(), made.facts.inner_text()
    made.panel.get_by_role("button", name=AGAIN).click()
    expect(made.bar.locator("~ .bar-text")).to_contain_text("Waiting: 1 before it")
    made.stop()
    expect(made.facts).to_have_text(facts, use_inner_text=True)
    expect(made.panel.get_by_role("button", name="Generate")).to_be_enabled()
    assert server.made_files() == before
    busy.stop()
    other.close()


def test_a_clone_is_drawn_below_its_clip_once_somebody_wants_to_see_it(page):
    tab = Tab(page, "Voice Cloning")
    tab.panel.locator("input[type=file]").first.set_input_files(MAN)
    tab.consent()
    tab.type("We wait here.")
    tab.generate()
    tab.wait_for_speech()
    expect(tab.panel.get_by_role("button", name=AGAIN)).to_be_hidden()  # there is one part only
    picture = tab.panel.get_by_role("img", name="Above the clip: 9.9 s, median F0")
    expect(picture).to_have_count(0)
    tab.panel.get_by_role("button", name="Picture").click()
    expect(picture).to_be_visible()
    tab.generate()
    expect(picture).to_be_hidden()
    tab.wait_for_speech()
    expect(picture).to_have_count(0)


def test_an_earlier_speech_is_put_back_with_its_text_and_settings(page):
    tab = Tab(page, "Text to Speech")
    tab.open_advanced_settings()
    earlier = tab.panel.get_by_label("Earlier in this visit")
    for text, seed in (("The first one.", "1"), ("The second one.", "2")):
        tab.panel.get_by_label("New seed each time").uncheck()
        tab.set("Seed", seed)
        tab.type(text)
        tab.generate()
        expect(tab.facts).to_contain_text(f"seed {seed}")
    expect(earlier).to_be_visible()
    choose(tab, "Earlier in this visit", "The first one.")
    expect(tab.facts).to_contain_text("seed 1")
    expect(tab.panel.get_by_placeholder("What should")).to_have_value("The first one.")
    expect(tab.panel.get_by_label("Seed").first).to_have_value("1")
    tab.wait_for_player("a.src.endsWith('.wav')")
