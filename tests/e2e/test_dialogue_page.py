import pytest
from playwright.sync_api import expect

from tests.e2e.server import ROOT
from tests.e2e.test_for_everyone import serious_findings
from tests.e2e.test_kept_page import entry
from tests.e2e.test_page import Tab

MAN = ROOT / "examples" / "clips" / "english-male-rms.wav"
WOMAN = "offered english-female-slt"


@pytest.fixture
def talk(page):
    return Tab(page, "Dialogue")


def fill(talk, *turns):
    """Writes rows as a person does: the next one by Enter."""
    for number, (name, said) in enumerate(turns, start=1):
        talk.panel.get_by_label(f"Speaker of line {number}").fill(name)
        line = talk.panel.get_by_label(f"Line {number}", exact=True)
        line.fill(said)
        if number < len(turns):
            line.press("Enter")
    return line


def voice(talk, name):
    return talk.panel.get_by_label(f"Voice of {name}", exact=True).first


def test_rows_are_written_voiced_spoken_and_there_again_after_a_reload(page, talk):
    fill(talk, ("Ann", "The train was late."), ("Bob", "We have to wait."), ("Ann", "Again?"))
    voice(talk, "Ann").select_option(WOMAN)
    expect(talk.panel.get_by_label("Voice of Ann").nth(1)).to_have_value(WOMAN)
    voice(talk, "Bob").select_option("described")
    talk.panel.get_by_label("Description of Bob's voice").fill("A tired old man")
    assert serious_findings(page) == []
    talk.generate()
    talk.wait_for_speech()
    expect(talk.result.locator(".said")).to_have_text("The train was late. We have to wait. Again?")
    expect(talk.facts).to_contain_text("3 parts")
    expect(entry(page, "Restore", "Ann: The train was late.")).to_be_visible()
    page.reload()
    expect(voice(talk, "Ann")).to_have_value(WOMAN)
    expect(talk.panel.get_by_label("Description of Bob's voice")).to_have_value("A tired old man")
    expect(talk.panel.get_by_label("Line 2", exact=True)).to_have_value("We have to wait.")
    talk.panel.get_by_role("button", name="Remove line 2").click()
    expect(talk.panel.get_by_label("Line 2", exact=True)).to_have_value("Again?")
    entry(page, "Restore", "Ann: The train was late.").click()
    expect(talk.panel.get_by_label("Description of Bob's voice")).to_have_value("A tired old man")


def test_what_is_typed_while_the_server_looks_stays(page, talk):
    slowly = {"offline": False, "latency": 700, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slowly)
    line = talk.panel.get_by_label("Line 1", exact=True)
    line.press_sequentially("The train was late again.", delay=60)
    line.press("Enter")
    talk.panel.get_by_label("Line 2", exact=True).press_sequentially("Was it?", delay=60)
    expect(talk.panel.locator(".text-tools").last).to_contain_text("33 characters")
    expect(line).to_have_value("The train was late again.")
    expect(talk.panel.get_by_label("Line 2", exact=True)).to_have_value("Was it?")


def test_a_new_line_is_the_other_speaker_s_and_a_new_name_keeps_its_voice(talk):
    line = fill(talk, ("Ann", "Hello."), ("Bob", "Hi."))
    voice(talk, "Bob").select_option(WOMAN)
    line.press("Enter")
    expect(talk.panel.get_by_label("Speaker of line 3")).to_have_value("Ann")
    expect(talk.panel.get_by_label("Line 3", exact=True)).to_be_focused()
    talk.panel.get_by_label("Speaker of line 2").fill("Robert")
    talk.panel.get_by_label("Line 2", exact=True).click()
    expect(voice(talk, "Robert")).to_have_value(WOMAN)
    talk.panel.get_by_label("Speaker of line 2").fill("Robert, of the house")
    talk.panel.get_by_label("Line 2", exact=True).click()
    expect(talk.panel.get_by_text("A name has at most three words")).to_be_visible()
    expect(talk.panel.get_by_label("Speaker of line 2")).to_have_attribute("aria-invalid", "true")


def test_an_own_clip_can_be_heard_and_speaks_after_a_tick(page, talk):
    fill(talk, ("Ann", "Hello."), ("Bob", "Good morning."))
    voice(talk, "Bob").select_option("clip")
    talk.panel.get_by_label("Clip for Bob").set_input_files(MAN)
    expect(talk.panel.get_by_role("button", name="Play the clip for Bob")).to_be_visible()
    talk.panel.get_by_role("button", name="Generate").click()
    toast = page.get_by_test_id("toast-body")
    expect(toast).to_contain_text("confirm first that you may use the voice of Bob")
    talk.consent()
    talk.generate()
    talk.wait_for_speech()


def test_a_script_is_pasted_and_a_kept_voice_speaks_in_it(page, talk):
    speaking = Tab(page, "Text to Speech")
    speaking.type("The train was late again. We have to wait here for a while.")
    speaking.generate()
    speaking.wait_for_speech()
    kept = speaking.result
    kept.get_by_role("button", name="Keep this voice").click()
    kept.get_by_label("Its name").fill("Ida")
    kept.get_by_role("button", name="Keep", exact=True).click()
    talk = Tab(page, "Dialogue")
    talk.panel.get_by_role("button", name="Paste a script").click()
    talk.panel.get_by_label("Script").fill("It is late.\nAnn: Hello.\nBob: Hi.")
    voice(talk, "Ann").select_option("kept Ida")
    voice(talk, "Narrator").select_option("kept Ida")
    talk.generate()
    talk.wait_for_speech()
    talk.panel.get_by_role("button", name="Back to rows").click()
    expect(talk.panel.get_by_label("Speaker of line 2")).to_have_value("Ann")
    expect(talk.panel.get_by_label("Line 3", exact=True)).to_have_value("Hi.")
    voice(talk, "Ann").select_option("any")
    entry(page, "Restore", "It is late.").click()
    expect(voice(talk, "Ann")).to_have_value("kept Ida")


def test_an_example_shows_what_a_dialogue_is(talk):
    talk.panel.get_by_role("button", name="Fill in an example").click()
    expect(talk.panel.get_by_label("Speaker of line 2")).to_have_value("Ann")
    expect(talk.panel.get_by_label("Description of Narrator's voice")).not_to_have_value("")
    expect(talk.panel.get_by_label("Line 3", exact=True)).not_to_have_value("")
