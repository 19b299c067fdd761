"""The page for who uses a keyboard, a screen reader, a dark room, or a page around it."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from voxcpm_space.ui.words import catalogue

TEXT = "The train was late again."
CATALOGUE = catalogue().translations["en"]

# Gradio's own, which no setting changes: the name of an empty player, and a toast that is a button
# with a button inside.
_GRADIO_S_OWN = {("aria-prohibited-attr", ".empty"), ("nested-interactive", ".toast-header")}

_COLOURS_HAVE_SETTLED = "!document.getAnimations().some((one) => one instanceof CSSTransition)"


def serious_findings(page):
    """Rule, place and markup of what axe-core finds serious or critical."""
    page.mouse.move(0, 0)  # from what was clicked, which has another colour under it
    page.wait_for_function(_COLOURS_HAVE_SETTLED)
    violations = Axe().run(page).response["violations"]
    return [
        (violation["id"], *node["target"], node["html"])
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
        if (violation["id"], node["target"][-1]) not in _GRADIO_S_OWN
    ]


@pytest.fixture(params=["light", "dark"])
def themed(request, page, server):
    page.goto(f"{server.url}?__theme={request.param}")
    page.get_by_role("tab", name="Text to Speech").wait_for()
    return page


def test_axe_finds_nothing_serious_from_the_empty_page_to_an_error(themed):
    panel = themed.get_by_role("tabpanel").filter(visible=True)
    panel.get_by_role("button", name="Advanced settings").click()
    expect(panel.get_by_label("CFG scale").first).to_be_visible()
    assert serious_findings(themed) == []
    panel.get_by_placeholder("What should").fill(" ".join([TEXT] * 8))
    panel.get_by_role("button", name="Generate").click()
    expect(panel.locator(".bar-text")).to_contain_text("s made")
    assert serious_findings(themed) == []
    expect(panel.locator(".facts")).to_be_visible()
    expect(panel.get_by_role("button", name="Generate")).to_be_enabled()
    assert serious_findings(themed) == []
    themed.get_by_role("tab", name="Voice Cloning").click()
    panel.get_by_role("button", name="Generate").click()
    expect(themed.get_by_test_id("toast-body")).to_contain_text("that you may use this voice")
    expect(panel.get_by_role("button", name="Generate")).to_be_enabled()
    assert serious_findings(themed) == []


def test_ctrl_enter_speaks_the_text_and_escape_stops_it(page):
    page.keyboard.type(" ".join([TEXT] * 20))  # the field has the focus from the start
    page.keyboard.press("Control+Enter")
    panel = page.get_by_role("tabpanel").filter(visible=True)
    expect(panel.locator(".bar-text")).to_contain_text("s made")
    page.keyboard.press("Escape")
    expect(panel.get_by_text("This is a part")).to_be_visible()


def test_it_works_inside_another_site_s_page(browser, server, internet):
    page = browser.new_page()
    page.goto(internet)
    page.set_content(f"<iframe src={json.dumps(server.url)} width=900 height=900></iframe>")
    frame = page.frame_locator("iframe")
    panel = frame.get_by_role("tabpanel").filter(visible=True)
    panel.get_by_placeholder("What should").fill(TEXT)
    panel.get_by_role("button", name="Generate").click()
    expect(panel.locator(".facts")).to_be_visible()
    page.close()


def test_a_chinese_browser_shows_the_page_in_chinese(browser, server):
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(server.url)
    page.get_by_role("tab", name="文字转语音").wait_for()
    page.get_by_label("声音描述（可选）").fill("A man")
    page.get_by_placeholder("要说什么？").fill(f"**{TEXT}**\n\n{TEXT}")
    page.get_by_role("button", name="生成", exact=True).click()
    expect(page.locator(".facts").first).to_contain_text("秒语音")
    expect(page.get_by_text("朗读前的改动：")).to_be_visible()
    for tab in ("文字转语音", "声音克隆", "批量生成"):
        page.get_by_role("tab", name=tab).click()
        shown = page.inner_text("body")
        assert [english for english in CATALOGUE if len(english) > 8 and english in shown] == []
        assert "__i18n__" not in shown
    context.close()
