"""What stays in the browser: drafts and results, whatever happens to page and server."""

import os
import re
import signal
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.e2e.forked import serving_forked
from tests.e2e.test_page import LONG, Tab
from tests.listening import read


def history(page):
    return page.locator(".block.history")


def entry(page, kind, words):
    return history(page).get_by_role("button", name=f"{kind}: {words}")


def test_an_error_leaves_the_last_speech_until_another_has_sound(page, tmp_path):
    tab = Tab(page, "Text to Speech")
    tab.type("The first one.")
    tab.generate()
    tab.wait_for_speech()
    for text, sentence in (("", "The text is empty"), ("?!", "only punctuation")):
        tab.type(text)
        tab.panel.get_by_role("button", name="Generate").click()
        expect(tab.refusal).to_contain_text(sentence)
        expect(tab.panel.get_by_role("button", name="Generate")).to_be_enabled()
        expect(tab.facts).to_be_visible()
        expect(tab.bar).to_have_count(0)
    assert tab.download(tmp_path).name == "the-first-one.wav"


@contextmanager
def kept_draft(page):
    """Waits until the browser has kept what is typed inside: a moment, which nobody reloads in."""
    draft = "localStorage.getItem('voxcpm-draft')"
    before = page.evaluate(draft)
    yield
    page.wait_for_function(f"(before) => {draft} !== before", arg=before)


def test_after_a_reload_and_the_files_expiry_everything_is_there_again(page, server, tmp_path):
    tab = Tab(page, "Text to Speech")
    expect(page.get_by_text("What you make stays here")).to_be_visible()
    expect(page.locator(".speech")).to_be_hidden()  # no empty player
    tab.open_advanced_settings()
    tab.panel.get_by_label("New seed each time").uncheck()
    for text, seed in (("The first one.", "1"), ("The second one.", "2")):
        tab.set("Seed", seed)
        tab.type(text)
        tab.generate()
        expect(tab.facts).to_contain_text(f"seed {seed}")
        expect(entry(page, "Play", text)).to_be_visible()
    with kept_draft(page):
        tab.type("A draft of mine.")
    cloning = Tab(page, "Voice Cloning")
    with kept_draft(page):
        cloning.type("Another draft.")
    for path in server.made_files():
        path.unlink()

    page.reload()
    expect(page.get_by_role("tab", name="Voice Cloning")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_placeholder("What should the voice")).to_have_value("Another draft.")
    expect(page.get_by_role("region", name="Speech: The second one.")).to_be_visible()
    tab = Tab(page, "Text to Speech")
    expect(tab.panel.get_by_placeholder("What should")).to_have_value("A draft of mine.")
    entry(page, "Play", "The first one.").click()
    tab.wait_for_player("!a.paused && a.currentTime > 0.2")
    with page.expect_download() as started:
        entry(page, "Download", "The first one.").click()
    assert started.value.suggested_filename == "the-first-one.wav"
    started.value.save_as(tmp_path / "first.wav")
    assert read(tmp_path / "first.wav")[1] == 48_000
    expect(tab.panel.get_by_placeholder("What should")).to_have_value("A draft of mine.")
    Tab(page, "Batch")
    entry(page, "Restore", "The first one.").click()
    expect(page.get_by_role("tab", name="Text to Speech")).to_have_attribute(
        "aria-selected", "true"
    )
    expect(tab.panel.get_by_placeholder("What should")).to_have_value("The first one.")
    tab.open_advanced_settings()
    expect(tab.panel.get_by_label("Seed").first).to_have_value("1")
    entry(page, "Delete", "The second one.").click()
    history(page).get_by_role("button", name="Undo").click()
    expect(entry(page, "Play", "The second one.")).to_be_visible()
    entry(page, "Delete", "The second one.").click()
    page.reload()
    expect(entry(page, "Play", "The first one.")).to_be_visible()
    expect(entry(page, "Play", "The second one.")).to_have_count(0)


# Gradio writes the draft a moment after it was typed; as if that moment never came.
LEFT_BEFORE_THE_DRAFT_IS_WRITTEN = """() => {
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (key, value) {
    if (key !== "voxcpm-draft") setItem.call(this, key, value);
  };
}"""


def test_what_is_typed_in_the_moment_before_the_page_is_left_is_there_again(page):
    tab = Tab(page, "Text to Speech")
    text = tab.panel.get_by_placeholder("What should")
    with kept_draft(page):
        tab.type("It is kept already.")
    page.evaluate(LEFT_BEFORE_THE_DRAFT_IS_WRITTEN)
    tab.set("Voice description", "A child")
    tab.type("Typed late.")
    page.reload()
    expect(text).to_have_value("Typed late.")
    expect(tab.panel.get_by_label("Voice description").first).to_have_value("A child")
    with kept_draft(page):
        tab.type("And kept again.")
    page.reload()
    expect(text).to_have_value("And kept again.")


def test_what_a_visitor_does_while_the_page_loads_wins(page):
    tab = Tab(page, "Text to Speech")
    tab.type("What was typed before.")
    tab.set("Voice description", "A child")
    Tab(page, "Batch")
    page.reload()
    expect(page.get_by_role("tab", name="Batch")).to_have_attribute("aria-selected", "true")

    held = []
    page.route("**/page/assets/draft.js", lambda route: held.extend([route]))
    page.reload()
    tab = Tab(page, "Text to Speech")
    tab.type("What is typed now.")
    cloning = Tab(page, "Voice Cloning")
    cloning.type("And here.")
    for route in held:
        route.continue_()
    page.unroute("**/page/assets/draft.js")
    description = page.get_by_label("Voice description", exact=False).first
    expect(description).to_have_value("A child")
    expect(page.get_by_role("tab", name="Voice Cloning")).to_have_attribute("aria-selected", "true")
    expect(cloning.panel.get_by_placeholder("What should")).to_have_value("And here.")
    tab = Tab(page, "Text to Speech")
    expect(tab.panel.get_by_placeholder("What should")).to_have_value("What is typed now.")


def copied_link(tab):
    tab.panel.get_by_role("button", name="Copy link").click()
    expect(tab.panel.get_by_text("The link is copied.")).to_be_visible()
    return tab.panel.page.evaluate("navigator.clipboard.readText()")


def test_a_link_carries_tab_text_and_voice_to_others(browser, server):
    rights = ["clipboard-read", "clipboard-write"]
    mine = browser.new_context(permissions=rights).new_page()
    mine.goto(server.url)
    speaking = Tab(mine, "Text to Speech")
    speaking.type("A & B: 50 % of it?\nYes.")
    speaking.set("Voice description", "A child")
    to_speaking = copied_link(speaking)
    cloning = Tab(mine, "Voice Cloning")
    cloning.type("Not from here.")
    cloning.panel.get_by_role("button", name="English woman").click()
    expect(cloning.panel.get_by_text("Using 0:00")).to_be_visible()
    to_cloning = copied_link(cloning)

    others = browser.new_context().new_page()
    others.goto(to_cloning)
    tab = others.get_by_role("tabpanel").filter(visible=True)
    expect(tab.get_by_placeholder("What should the voice say?")).to_have_value("Not from here.")
    expect(tab.get_by_role("button", name="English woman")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(tab.get_by_text("Using 0:00")).to_be_visible()
    others.goto("about:blank")
    others.goto(to_speaking)
    tab = others.get_by_role("tabpanel").filter(visible=True)
    expect(tab.get_by_placeholder("What should be said?")).to_have_value("A & B: 50 % of it?\nYes.")
    expect(tab.get_by_label("Voice description")).to_have_value("A child")
    for page in (mine, others):
        page.context.close()


def test_back_goes_to_the_tab_before_and_does_not_leave_the_page(page):
    expect(page).to_have_url(re.compile("#tab=text-to-speech$"))
    for name in ("Voice Cloning", "Batch"):
        Tab(page, name)
        expect(page).to_have_url(re.compile(f"#tab={name.lower().replace(' ', '-')}$"))
    for name in ("Voice Cloning", "Text to Speech"):
        page.go_back()
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    page.go_forward()
    page.go_forward()
    expect(page.get_by_role("tab", name="Batch")).to_have_attribute("aria-selected", "true")


@pytest.fixture
def mortal(tmp_path):
    with serving_forked(tmp_path) as server:
        yield server


def test_a_server_that_ends_in_the_middle_leaves_what_was_heard(browser, mortal, tmp_path):
    page = browser.new_page()
    page.goto(mortal.url)
    tab = Tab(page, "Text to Speech")
    tab.be_quick()
    tab.set("DiT steps", "1")
    tab.type(LONG[:3000])
    tab.generate()
    tab.wait_for_player("a.currentTime > 1")
    os.kill(mortal.pid, signal.SIGKILL)
    expect(page.get_by_text("The connection was lost while this was made")).to_be_visible()
    expect(entry(page, "Play", "The train was late")).to_be_visible()
    port = mortal.url.rpartition(":")[2]
    with serving_forked(tmp_path, GRADIO_SERVER_PORT=port):
        expect(page.get_by_role("button", name="Generate").first).to_be_enabled()  # opened anew
        tab = Tab(page, "Text to Speech")
        expect(page.get_by_text("The connection was lost while this was made")).to_be_visible()
        expect(tab.panel.get_by_placeholder("What should")).to_have_value(LONG[:3000])
        page.get_by_role("button", name="Play", exact=True).click()
        tab.wait_for_player("!a.paused && a.currentTime > 0.5 && a.duration > 1")
        heard = tab.download(tmp_path, "MP3")
        assert heard.name == "the-train-was-late-again.mp3"
        assert heard.stat().st_size > 1_000
    page.close()
