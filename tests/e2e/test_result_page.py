"""What a person gets beside the player once a speech is made."""

import re

import av
import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.e2e.test_page import MAN, Tab

LINE = "The train was late again. We have to wait here for a while."


@pytest.fixture
def made(page):
    """The Text to Speech tab with a speech of two parts."""
    tab = Tab(page, "Text to Speech")
    tab.type(f"{LINE}\n\n{LINE}")
    tab.generate()
    return tab.wait_for_speech()


def open_parts(tab):
    tab.result.get_by_role("button", name="Redo a part").click()
    return tab.result.get_by_label("Part")


def again(tab):
    return tab.result.get_by_role("button", name="Redo this part")


def test_the_player_says_what_it_is_and_follows_the_words_from_click_to_click(made, tmp_path):
    """What a screen reader is told, the sentence that lights up, and every kind of download."""
    speech = made.result.get_by_role("region", name="Speech: The train was late again. We have")
    play, position = speech.get_by_role("button", name="Play"), speech.get_by_role("slider")
    made.player.evaluate("(a) => a.pause()")
    expect(play).to_be_visible()
    sentences = speech.locator(".said").get_by_role("button")
    assert sentences.all_inner_texts() == [*re.findall(r"[^.]+\.", LINE.replace(". ", "."))] * 2
    sentences.nth(2).click()
    expect(sentences.nth(2)).to_have_attribute("aria-current", "true")
    expect(sentences.nth(0)).not_to_have_attribute("aria-current", "true")
    speech.get_by_role("button", name="Pause").click()
    sentences.nth(0).focus()
    made.panel.page.keyboard.press("ArrowRight")
    expect(sentences.nth(1)).to_be_focused()
    made.panel.page.keyboard.press("Enter")
    expect(sentences.nth(1)).to_have_attribute("aria-current", "true")
    made.player.evaluate("(a) => a.pause()")
    position.fill("0.5")
    expect(speech.get_by_role("slider", name="Position")).to_have_attribute(
        "aria-valuetext", re.compile(r"^0:0[01] of 0:")
    )
    assert made.player.evaluate("(a) => a.currentTime") == pytest.approx(0.5)
    for kind in ("FLAC", "MP3", "Opus", "SRT", "VTT"):
        path = made.download(tmp_path, kind)
        assert path.name == f"the-train-was-late-again.{kind.lower()}"
    with av.open(str(tmp_path / "the-train-was-late-again.mp3")) as file:
        assert 3 < file.duration / av.time_base < 20
        assert "Synthetic speech" in str(file.metadata)
    srt = (tmp_path / "the-train-was-late-again.srt").read_text("utf-8")
    assert srt.count(" --> ") >= 4


COUNT_DRAWN = """() => {
  window.drawn = 0;
  const { roundRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.roundRect = function (left, ...others) {
    drawn += left === 0; // the first bar
    return roundRect.call(this, left, ...others);
  };
}"""


def test_the_waveform_is_drawn_for_each_bar_that_is_played_and_not_for_each_frame(page):
    """60 times a second would empty the battery of a phone."""
    tab = Tab(page, "Text to Speech")
    tab.type("The train was late again.")
    tab.generate()
    tab.wait_for_speech()
    expect(page.locator(".history li")).to_have_count(1)  # whose file the player has
    tab.player.evaluate("(a) => { a.pause(); a.currentTime = 0; }")
    page.evaluate(COUNT_DRAWN)
    tab.player.evaluate("(a) => a.play()")
    tab.wait_for_player("a.ended")
    assert 10 < page.evaluate("drawn") < 80  # of 52 bars


def test_one_part_is_made_again_unless_the_speech_is_gone(made, server, tmp_path):
    before = set(server.made_files())
    old = max(before, key=lambda path: path.stat().st_mtime)
    part = open_parts(made)
    part.click()
    made.result.page.get_by_role("option", name=re.compile(r"2 .* 0:0\d .* The train")).click()
    made.wait_for_player("!a.paused && a.currentTime > 1")  # it is heard which one it is
    again(made).click()
    expect(made.panel.get_by_role("button", name="Generate")).to_be_disabled()
    expect(made.panel.get_by_role("button", name="Generate")).to_be_enabled()
    expect(made.facts).to_be_visible()
    expect(part).to_have_value(re.compile("The train was late"))
    (new,) = set(server.made_files()) - before
    samples = [soundfile.read(path, dtype="int16")[0] for path in (old, new)]
    shortest = min(map(len, samples))
    same = np.flatnonzero(samples[0][:shortest] != samples[1][:shortest])[0] / shortest
    assert same > 0.3  # the first of the two parts

    new.unlink()
    again(made).click()
    expect(made.result.page.get_by_text("files are kept for 60 minutes")).to_be_visible()
    expect(made.panel.get_by_role("button", name="Generate")).to_be_enabled()
    assert made.download(tmp_path).stat().st_size > 100_000  # the browser has it
    made.result.locator("summary", has_text="Download").click()
    made.result.locator(".menu").get_by_role("button", name="Opus").click()
    expect(made.result.get_by_text("Opus cannot be made any more")).to_be_visible()


def test_stopping_a_part_leaves_the_speech_as_it_was(made, browser, server):
    other = browser.new_page()
    other.goto(server.url)
    busy = Tab(other, "Text to Speech")
    busy.take_long()
    busy.type(" ".join([LINE] * 64))
    busy.generate()
    expect(busy.bar.locator("~ .bar-text")).to_contain_text("s made")
    before, facts = server.made_files(), made.facts.inner_text()
    open_parts(made)
    again(made).click()
    expect(made.bar.locator("~ .bar-text")).to_contain_text("Waiting: 1 before it")
    made.stop()
    expect(made.facts).to_have_text(facts, use_inner_text=True)
    expect(made.panel.get_by_role("button", name="Generate")).to_be_enabled()
    assert server.made_files() == before
    busy.stop()
    other.close()


def test_a_clone_is_drawn_below_its_clip_once_somebody_wants_to_see_it(page):
    tab = Tab(page, "Voice Cloning")
    tab.upload(MAN)
    tab.type("We wait here.")
    tab.generate()
    tab.wait_for_speech()
    expect(
        tab.result.get_by_role("button", name="Redo a part")
    ).to_be_hidden()  # there is one part only
    picture = tab.result.get_by_role("img", name="Above the clip: 9.9 s, median F0")
    expect(picture).to_have_count(0)
    tab.result.get_by_role("button", name="Waveform and pitch").click()
    expect(picture).to_be_visible()
    tab.generate()
    expect(picture).to_be_hidden()
    tab.wait_for_speech()
    expect(picture).to_have_count(0)
