from playwright.sync_api import expect

from tests.e2e.test_for_everyone import serious_findings
from tests.e2e.test_page import Tab

TALK = "Ann: The train was late again.\nBob: We have to wait here for a while."


def test_each_name_that_is_typed_gets_a_voice_to_describe(page):
    tts = Tab(page, "Text to Speech")
    tts.panel.get_by_label("Dialogue").check()
    expect(tts.panel.get_by_label("Voice description")).to_be_hidden()
    expect(tts.panel.get_by_text("No names yet")).to_be_visible()
    tts.type("")
    tts.panel.get_by_placeholder("What should").press_sequentially(TALK)
    ann, bob = tts.panel.get_by_label("Voice of Ann"), tts.panel.get_by_label("Voice of Bob")
    ann.fill("A cheerful young woman")
    bob.fill("A tired old man")
    tts.type(f"Cy: Hello.\n{TALK}")
    expect(tts.panel.get_by_label("Voice of Cy")).to_have_value("")
    expect(ann).to_have_value("A cheerful young woman")
    expect(bob).to_have_value("A tired old man")
    assert serious_findings(page) == []
    tts.generate()
    expect(tts.bar.locator("~ .bar-text")).to_contain_text("Part 2 of 3")
    tts.wait_for_speech()
    tts.panel.get_by_role("button", name="Fill in an example").click()
    expect(tts.panel.get_by_label("Voice before the first name")).not_to_have_value("")
    expect(bob).not_to_have_value("A tired old man")
    expect(tts.panel.get_by_label("Voice of Cy")).to_be_hidden()
