import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_page import Tab
from tests.zerogpu.device_api import NO_GPU, NO_QUOTA
from tests.zerogpu.space import LONG, TOKEN_HEADER, visitor_token

TEXT = "Hi."
ADA = visitor_token("ada")


@pytest.fixture
def visit(browser):
    """Opens the page as a visitor whom Hugging Face's proxy knows."""
    contexts = []

    def open_page(space):
        contexts.append(browser.new_context(extra_http_headers={TOKEN_HEADER: ADA}))
        page = contexts[-1].new_page()
        page.goto(space.server.url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def speech_tab(page):
    return Tab(page, "Text to Speech")


def cloning_tab(page):
    tab = Tab(page, "Voice Cloning")
    tab.panel.get_by_role("button", name="English woman").click()
    expect(tab.panel.get_by_label("Transcript of the clip")).not_to_have_value("")
    return tab


TABS = [speech_tab, cloning_tab]


@pytest.mark.parametrize("open_tab", TABS)
def test_both_tabs_speak_in_a_worker_for_a_visitor_who_is_known(any_space, visit, open_tab):
    tab = open_tab(visit(any_space))
    tab.type(TEXT)
    tab.generate()
    tab.wait_for_speech()
    for asked in any_space.api.asked:  # more than once where a speech was made again
        assert asked["token"] == ADA
        assert 1 <= int(asked["durationSeconds"]) <= 120
    any_space.api.wait_until_idle()
    assert set(any_space.api.released) == {False}


@pytest.mark.parametrize("open_tab", TABS)
def test_stop_frees_the_gpu(space, visit, open_tab):
    tab = open_tab(visit(space))
    tab.type(LONG)
    tab.generate()
    expect(tab.bar.locator("~ .bar-text")).to_contain_text("s made")
    space.api.wait_until(lambda api: api.busy)  # it is not between two parts
    tab.stop()
    space.api.wait_until_idle()


def test_closing_the_page_frees_the_gpu(space, visit):
    page = visit(space)
    tab = speech_tab(page)
    tab.type(LONG)
    tab.generate()
    expect(tab.bar.locator("~ .bar-text")).to_contain_text("s made")
    page.close()
    space.api.wait_until_idle()


@pytest.mark.parametrize("open_tab", TABS)
@pytest.mark.parametrize(
    ("refusal", "sentence"), [(NO_GPU, "Please try again in a few"), (NO_QUOTA, "3s left")]
)
def test_a_refused_gpu_is_told_by_a_toast(space, visit, open_tab, refusal, sentence):
    page = visit(space)
    tab = open_tab(page)
    tab.type(TEXT)
    space.api.refuse_next(refusal)
    tab.generate()
    expect(page.get_by_test_id("toast-body")).to_contain_text(sentence)
    expect(tab.panel.get_by_role("button", name="Generate")).to_be_enabled()


def test_a_gpu_that_is_taken_away_leaves_what_was_heard_and_the_next_speech_works(space, visit):
    page = visit(space)
    tab = speech_tab(page)
    tab.type(LONG)
    tab.generate()
    expect(tab.bar.locator("~ .bar-text")).to_contain_text(
        re.compile(r"[1-9]\.\d s made"), timeout=30_000
    )
    space.api.kill_busy_workers()
    expect(tab.result.get_by_text("The GPU was taken away")).to_be_visible()
    expect(tab.result.get_by_text("This is a part")).to_be_visible()
    tab.type(TEXT)
    tab.generate()
    tab.wait_for_speech()


def test_what_cannot_be_spoken_asks_for_no_gpu(space, visit):
    page = visit(space)
    tab = speech_tab(page)
    tab.type("?!")
    tab.generate()
    expect(tab.panel.get_by_text("only punctuation")).to_be_visible()
    assert space.api.asked == []
