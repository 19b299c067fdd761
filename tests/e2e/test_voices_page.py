"""A voice on the page: cloned, kept, found again after a reload, and spoken with."""

from contextlib import closing

import httpx
import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from tests.e2e.test_for_everyone import serious_findings
from tests.e2e.test_page import IS_HEARD, NOTE_SOUNDS, Tab
from tests.listening import median_f0, read
from voxcpm_space.examples import clips
from voxcpm_space.voices.file import read_voice

WOMAN = clips()[1].path
TEXT = "The train was late again."


def speak(tab):
    tab.type(TEXT)
    tab.generate()
    tab.wait_for_speech()


def choose(panel, name):
    panel.get_by_text("My voices", exact=True).click()
    panel.get_by_label("Speak with").click()
    panel.get_by_role("option", name=name).click()


def test_a_voice_that_is_described_and_kept_is_chosen_for_the_next_speech(page):
    tab = Tab(page, "Text to Speech")
    tab.set("Voice description", "A child")
    speak(tab)
    tab.result.get_by_role("button", name="Keep this voice").click()
    tab.result.get_by_label("Its name").fill("Kit")
    assert serious_findings(page) == []
    tab.result.get_by_role("button", name="Keep", exact=True).click()
    expect(tab.panel.get_by_label("Speak with")).to_have_value("Kit")
    expect(tab.panel.locator(".own-voice").last).to_have_text("Designed: A child.")
    expect(tab.panel.get_by_label("Voice description")).to_be_disabled()
    tab.generate()
    tab.wait_for_speech()
    expect(Tab(page, "Voice Cloning").panel.get_by_label("Examples")).to_be_checked()


def downloaded(page, button, path):
    with page.expect_download() as started:
        button.click()
    started.value.save_as(path)
    return path


def spoken_by_programs(url, file):
    """What both endpoints make with a kept voice."""
    how = {"seed": 1, "dit_steps": 2, "voice": handle_file(file)}
    with closing(Client(url, verbose=False)) as client:
        said = [
            client.predict(TEXT, **how, api_name="/text-to-speech")["output"],
            client.predict(TEXT, "", **how, api_name="/voice-cloning")["url"],
        ]
    return [httpx.get(each).content for each in said]


def test_a_clone_that_was_kept_speaks_again_after_a_reload_and_for_a_program(
    page, server, tmp_path
):
    cloning_tab = Tab(page, "Voice Cloning")
    cloning = cloning_tab.panel
    cloning_tab.upload(WOMAN)
    cloning_tab.be_quick()
    cloning_tab.set("Transcript of the clip", "Welcome to the museum.")
    speak(cloning_tab)
    kept = cloning_tab.result
    kept.get_by_role("button", name="Keep this voice").click()
    kept.get_by_label("Its name").fill("Aunt <b>Ida</b>")
    kept.get_by_role("button", name="Keep", exact=True).click()
    file = downloaded(
        page, kept.get_by_text("Download the voice file"), tmp_path / "voice.safetensors"
    )
    voice = read_voice(file.read_bytes())
    assert voice.name == "Aunt <b>Ida</b>"
    assert "or the person it belongs to has agreed" in voice.consent

    page.add_init_script(NOTE_SOUNDS)
    page.reload()
    last = page.get_by_role("tab", name="Voice Cloning")
    expect(last).to_have_attribute("aria-selected", "true")  # as it was left
    speaking_tab = Tab(page, "Text to Speech")
    speaking_tab.be_quick()
    speaking = speaking_tab.panel
    choose(speaking, "Aunt <b>Ida</b>")
    expect(speaking.get_by_text("kept with its transcript")).to_be_visible()
    expect(speaking.get_by_label("Voice description")).to_be_disabled()
    speak(speaking_tab)
    wav = speaking_tab.download(tmp_path)
    assert median_f0(*read(wav)) == pytest.approx(169, rel=0.15)

    cloning_tab = Tab(page, "Voice Cloning")
    cloning = cloning_tab.panel
    choose(cloning, "Aunt <b>Ida</b>")
    expect(cloning.get_by_text("Off, since the chosen voice was kept with")).to_be_visible()
    expect(cloning.get_by_label("Transcript of the clip")).to_be_hidden()
    cloning.get_by_role("button", name="Hear Aunt <b>Ida</b>").click()
    page.wait_for_function(IS_HEARD)
    speak(cloning_tab)

    page.once("dialog", lambda question: question.accept())
    cloning.get_by_role("button", name="Delete").click()
    expect(cloning.get_by_label("Style")).to_be_enabled()
    page.reload()
    last = page.get_by_role("tab", name="Voice Cloning")
    expect(last).to_have_attribute("aria-selected", "true")  # as it was left
    speaking = Tab(page, "Text to Speech").panel
    speaking.get_by_role("button", name="My voices").click()
    speaking.locator("input[type=file]").last.set_input_files(file)
    expect(speaking.get_by_label("Speak with")).to_have_value("Aunt <b>Ida</b>")
    expect(speaking.get_by_text("kept with its transcript")).to_be_visible()
    assert all(path.stat().st_size for path in server.uploads.rglob("[!.]*") if path.is_file())

    first, second = spoken_by_programs(server.url, file)
    assert first == second
