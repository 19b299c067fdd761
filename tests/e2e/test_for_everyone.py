"""The page for who uses a keyboard, a screen reader, a dark room, or a page around it."""

import io
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from playwright.sync_api import expect

from tests.e2e.server import ROOT
from tests.e2e.test_page import MAN, Tab
from tests.reference import files

TEXT = "The train was late again."
CATALOGUE = ROOT / "voxcpm_space/locale/zh/LC_MESSAGES/messages.po"
WORDS = read_po(io.BytesIO(CATALOGUE.read_bytes()))
ENGLISH = [str(message.id) for message in WORDS if len(message.id) > 8]

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
    expect(page.get_by_placeholder("What should")).not_to_have_value("")  # filled in
    return page


def test_axe_finds_nothing_serious_from_the_empty_page_to_an_error(themed):
    panel = themed.get_by_role("tabpanel").filter(visible=True)
    panel.get_by_role("button", name="Advanced settings").click()
    expect(panel.get_by_label("CFG scale").first).to_be_visible()
    assert serious_findings(themed) == []
    panel.get_by_placeholder("What should").fill(" ".join([TEXT] * 500))
    panel.get_by_role("button", name="Generate").click()
    expect(themed.locator(".bar-text")).to_contain_text("s made")
    assert serious_findings(themed) == []
    panel.get_by_role("button", name="Stop").click()
    expect(themed.locator(".facts")).to_be_visible()
    expect(panel.get_by_role("button", name="Generate")).to_be_enabled()
    assert serious_findings(themed) == []
    themed.get_by_role("tab", name="Voice Cloning").click()
    panel.get_by_role("button", name="Generate").click()
    expect(panel.locator(".refusal")).to_contain_text("Please choose an example")
    expect(panel.get_by_role("button", name="Generate")).to_be_enabled()
    assert serious_findings(themed) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_a_phone_in_chinese(browser, server, theme):
    page = browser.new_page(locale="zh-CN", viewport={"width": 390, "height": 844})
    page.goto(f"{server.url}?__theme={theme}")
    for tab in ("文字转语音", "声音克隆", "对话", "批量生成"):
        page.get_by_role("tab", name=tab, exact=True).click()
        panel = page.get_by_role("tabpanel").filter(visible=True)
        expect(panel.get_by_role("button", name="生成", exact=True)).to_be_visible()
        assert serious_findings(page) == []
    page.close()


CONTRAST = """(element) => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((each) => each / 255)
    .map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
  let around = element.parentElement;
  while (parse(getComputedStyle(around).backgroundColor)[3] === 0) around = around.parentElement;
  const one = light(parse(getComputedStyle(element).borderTopColor));
  const other = light(parse(getComputedStyle(around).backgroundColor));
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}"""


def test_controls_are_seen_and_arrows_move_the_focus_that_is_seen_too(themed):
    panel = themed.get_by_role("tabpanel").filter(visible=True)
    panel.get_by_role("button", name="Advanced settings").click()
    for control in (
        panel.get_by_role("button", name="News anchor", exact=True),
        panel.get_by_placeholder("What should"),
        panel.get_by_label("Voice description"),
        panel.get_by_label("Draft"),
        panel.get_by_label("Text normalization"),
    ):
        assert control.evaluate(CONTRAST) >= 3
    themed.get_by_role("tab", name="Text to Speech").focus()
    themed.keyboard.press("ArrowRight")
    cloning = themed.get_by_role("tab", name="Voice Cloning")
    expect(cloning).to_be_focused()
    expect(cloning).to_have_attribute("aria-selected", "true")
    expect(cloning).to_have_css("outline-style", "solid")
    themed.keyboard.press("ArrowLeft")
    expect(themed.get_by_role("tab", name="Text to Speech")).to_be_focused()


def test_ctrl_enter_speaks_the_text_and_escape_stops_it(page):
    panel = page.get_by_role("tabpanel").filter(visible=True)
    expect(panel.get_by_placeholder("What should")).to_be_focused()  # without a click
    page.keyboard.insert_text(" ".join([TEXT] * 100))
    generate = panel.get_by_role("button", name="Generate")
    expect(generate).to_have_attribute("aria-keyshortcuts", "Control+Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".bar-text")).to_contain_text("s made")
    page.keyboard.press("Escape")
    expect(page.get_by_text("This is a part")).to_be_visible()


def test_it_works_inside_another_site_s_page(browser, server, internet):
    page = browser.new_page()
    page.goto(internet)
    page.set_content(f"<iframe src={json.dumps(server.url)} width=900 height=900></iframe>")
    frame = page.frame_locator("iframe")
    panel = frame.get_by_role("tabpanel").filter(visible=True)
    panel.get_by_placeholder("What should").fill(TEXT)
    panel.get_by_role("button", name="Generate").click()
    expect(frame.locator(".facts")).to_be_visible()
    page.close()


@pytest.fixture
def chinese(browser, server):
    """The page, opened anew by somebody whose browser is Chinese."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(server.url)
    expect(page.get_by_placeholder("要说什么？")).not_to_have_value("")  # filled in
    yield page
    context.close()


def test_a_chinese_browser_shows_the_page_in_chinese(chinese):
    chinese.get_by_label("声音描述（可选）").fill("A man")
    chinese.get_by_placeholder("要说什么？").fill(f"**{TEXT}**\n\n{TEXT}")
    chinese.get_by_role("button", name="生成", exact=True).click()
    expect(chinese.locator(".facts").first).to_contain_text("秒语音")
    expect(chinese.get_by_text("朗读前的改动：")).to_be_visible()
    chinese.locator("summary", has_text="下载").click()
    expect(chinese.get_by_role("button", name="SRT（字幕）")).to_be_visible()
    chinese.keyboard.press("Escape")
    for tab in ("文字转语音", "声音克隆", "批量生成"):
        chinese.get_by_role("tab", name=tab).click()
        shown = chinese.inner_text("body")
        assert [english for english in ENGLISH if english in shown] == []
        assert "__i18n__" not in shown


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "文字为空。请至少输入一个要说的词。"),
        ("x" * 20_001, "文字有 20,001 个字符，最多允许 20,000 个。请缩短，或分次提交。"),
    ],
)
def test_a_chinese_browser_shows_errors_in_chinese_only(chinese, text, sentence):
    chinese.get_by_placeholder("要说什么？").fill(text)
    chinese.get_by_role("button", name="生成", exact=True).click()
    expect(chinese.locator(".refusal")).to_have_text(sentence, use_inner_text=True)


def test_an_english_browser_shows_errors_in_english_only(page):
    tts = Tab(page, "Text to Speech")
    tts.type("")
    tts.generate()
    sentence = "The text is empty. Please give at least one word to speak."
    expect(tts.refusal).to_have_text(sentence, use_inner_text=True)


def test_a_chinese_browser_shows_advice_on_a_clip_in_chinese(chinese, tmp_path):
    (tmp_path / "short.mp3").write_bytes(files.made("mp3", 0.02 * files.resampled(MAN)[:96_000]))
    chinese.get_by_role("tab", name="声音克隆").click()
    panel = chinese.get_by_role("tabpanel").filter(visible=True)
    panel.locator(".sources").get_by_text("上传").click()
    panel.locator("input[type=file]").first.set_input_files(tmp_path / "short.mp3")
    advice = panel.locator(".about-clip .advice")
    expect(advice.first).to_have_text(
        re.compile(r"^音频中只有 \d\.\d 秒语音；5 到 20 秒的克隆效果更好。$"), use_inner_text=True
    )
    expect(advice.nth(1)).to_have_text(
        "音频音量很小，底噪会随之放大。请靠近麦克风录制。", use_inner_text=True
    )


def test_markup_in_an_error_is_shown_as_text(chinese, tmp_path):
    (tmp_path / "texts.csv").write_text(f"text,<img src=x>\n{TEXT},\n")
    chinese.get_by_role("tab", name="批量生成").click()
    panel = chinese.get_by_role("tabpanel").filter(visible=True)
    panel.locator("input[type=file]").set_input_files(tmp_path / "texts.csv")
    expect(panel.get_by_role("cell", name="texts.csv")).to_be_visible()
    panel.get_by_role("button", name="生成", exact=True).click()
    toast = chinese.get_by_test_id("toast-text")
    expect(toast).to_contain_text("文件中的列 '<img src=x>' 未知或重复。", use_inner_text=True)
    expect(toast.locator("img")).to_have_count(0)
