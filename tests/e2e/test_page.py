import re
import time
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.server import ROOT
from tests.listening import level_dbfs, median_f0, read
from tests.reference import files

TEXT = "The train was late again. We have to wait here for a while."
LONG = " ".join([TEXT] * 320)
MAN = ROOT / "examples" / "clips" / "english-male-rms.wav"


class Tab:
    """One tab of the page, as a person sees it."""

    def __init__(self, page, name):
        page.get_by_role("tab", name=name).click()
        self._page = page
        self.panel = page.get_by_role("tabpanel").filter(visible=True)
        self.result = page.locator("#result")

    def type(self, text):
        self.panel.get_by_placeholder("What should").fill(text)

    def set(self, label, value):
        self.panel.get_by_label(label).first.fill(value)

    def open_advanced_settings(self):
        self.panel.get_by_role("button", name="Advanced settings").click()

    def take_long(self):
        """So that there is time to look, and others have to wait."""
        self.open_advanced_settings()
        self.set("DiT steps", "50")

    def be_quick(self):
        """So that speech is made faster than it is played, on a busy machine, too."""
        self.open_advanced_settings()
        self.set("DiT steps", "2")

    def give(self, way):
        """Chooses how to give a voice that is to be cloned."""
        self.panel.locator(".sources").get_by_text(way, exact=True).click()

    def upload(self, clip):
        self.give("Upload")
        self.panel.locator("input[type=file]").first.set_input_files(clip)
        expect(self.panel.get_by_text("Using 0:00")).to_be_visible()
        self.consent()

    def consent(self):
        self.panel.get_by_label("I may use this voice").check()

    def generate(self):
        self.facts.evaluate_all("(facts) => facts.forEach((one) => one.classList.add('before'))")
        self.panel.get_by_role("button", name="Generate").click()

    def stop(self):
        self.panel.get_by_role("button", name="Stop").click()

    @property
    def bar(self):
        return self._page.get_by_role("progressbar")

    @property
    def facts(self):
        """Those of the last speech that was asked for; the one before may still be shown."""
        return self.result.locator(".facts:not(.before)")

    @property
    def refusal(self):
        return self.panel.locator(".refusal")

    @property
    def player(self):
        return self.result.locator("audio")

    def wait_for_player(self, condition):
        """Waits until a JavaScript expression holds for the audio element `a`."""
        player = self.player.element_handle()
        self._page.wait_for_function(f"(a) => {condition}", arg=player, timeout=90_000, polling=100)

    def wait_for_speech(self):
        expect(self.facts).to_be_visible()
        return self

    def download(self, folder, kind="WAV"):
        """The file, under the name that the page gives it."""
        self.result.locator("summary", has_text="Download").click()
        with self._page.expect_download() as started:
            self.result.locator(".menu").get_by_role("button", name=kind).click()
        path = folder / started.value.suggested_filename
        started.value.save_as(path)
        return path


@contextmanager
def who_waits(browser, server, first):
    """Another visitor's tab, whose take waits for that of the first."""
    page = browser.new_page()
    page.goto(server.url)
    second = Tab(page, "Text to Speech")
    second.type("Hi.")
    first.generate()
    expect(first.bar.locator("~ .bar-text")).to_contain_text("s made")
    second.generate()
    expect(second.bar.locator("~ .bar-text")).to_contain_text("Waiting: 1 before it")
    yield second
    page.close()


@pytest.fixture
def tts(page):
    return Tab(page, "Text to Speech")


@pytest.fixture
def cloning(page):
    return Tab(page, "Voice Cloning")


def test_typed_text_becomes_speech_to_play_and_to_download(tts, tmp_path):
    tts.type(TEXT)
    tts.generate()
    tts.wait_for_speech()
    expect(tts.facts).to_contain_text("s of speech")
    expect(tts.facts).to_contain_text("RTF")
    expect(tts.facts).to_contain_text("seed")
    samples, sample_rate = read(tts.download(tmp_path))
    assert sample_rate == 48_000
    assert level_dbfs(samples) > -35
    tts.wait_for_player("a.src.endsWith('.wav') && a.paused && (a.ended || !a.currentTime)")
    tts.wait_for_player("a.readyState >= a.HAVE_METADATA")
    assert tts.player.evaluate("(a) => a.duration") == pytest.approx(len(samples) / sample_rate)
    tts.player.evaluate("(a) => a.play()")
    tts.wait_for_player("a.currentTime > 0.5")


def test_a_speech_can_be_made_faster(tts, tmp_path):
    tts.be_quick()
    tts.type(TEXT)
    tts.generate()
    tts.wait_for_speech()
    usual, _ = read(tts.download(tmp_path))
    tts.set("Speed", "2")
    tts.panel.get_by_label("New seed each time").uncheck()
    tts.generate()
    tts.wait_for_speech()
    faster, _ = read(tts.download(tmp_path))
    assert len(usual) / len(faster) == pytest.approx(2, rel=0.1)


def test_a_speech_plays_while_it_is_made_and_goes_on_in_its_file(tts, page):
    tts.be_quick()
    tts.type(LONG[:500])
    tts.player.evaluate(
        """(a) => {
            a.ranOut = 0;
            const isAhead = () => a.buffered.length && a.buffered.end(0) - a.currentTime > 0.1;
            a.addEventListener("waiting", () => (a.ranOut += a.currentTime > 0 && !isAhead()));
        }"""
    )
    tts.generate()
    tts.wait_for_player("a.currentTime > 0.5 && !a.paused")
    expect(tts.bar).to_be_visible()
    expect(tts.facts).not_to_be_visible()
    tts.wait_for_speech()
    expect(page.locator(".history li")).to_have_count(1)  # its file is here
    assert tts.player.evaluate("(a) => !a.paused && a.currentTime > 0.5")
    assert tts.player.evaluate("(a) => a.ranOut") == 0
    tts.player.evaluate("(a) => { a.currentTime = 9 }")
    tts.wait_for_player("a.src.endsWith('.wav') && !a.paused && a.currentTime > 9.5")
    assert tts.player.evaluate("(a) => a.currentTime") < 12
    seconds = float(tts.facts.inner_text().split()[0])
    assert tts.player.evaluate("(a) => a.duration") == pytest.approx(seconds, abs=0.1)


@contextmanager
def held_back(page, module):
    """As on a slow network: a module of the page comes when the test lets it."""
    held, pattern = [], f"**/page/assets/{module}"
    page.route(pattern, lambda route: held.extend([route]))
    yield
    for route in held:
        route.continue_()
    page.unroute(pattern)


@pytest.mark.parametrize(
    ("module", "key"),
    [("draft.js", None), ("page.js", "Control+Enter"), ("player_view.js", None)],
)
def test_generate_can_be_pressed_before_the_page_is_ready(browser, server, module, key):
    page = browser.new_page()
    with held_back(page, module):
        page.goto(server.url)
        early = Tab(page, "Text to Speech")
        generate = early.panel.get_by_role("button", name="Generate")
        for _ in range(2):  # since nothing is heard yet
            expect(generate).to_be_visible()
            page.keyboard.press(key) if key else generate.click()
        expect(generate).to_have_attribute("aria-busy", "true")
    early.wait_for_speech()
    expect(generate).not_to_have_attribute("aria-busy", "true")
    expect(page.locator(".history li")).to_have_count(1)
    page.close()


def test_while_it_works_the_seconds_made_are_shown_against_an_estimate(tts):
    tts.type(LONG)
    tts.generate()
    expect(tts.bar.locator("~ .bar-text")).to_contain_text("s made, of about")
    expect(tts.panel.get_by_role("button", name="Generate")).to_be_disabled()
    tts.stop()


def test_a_long_text_shows_which_part_is_made_and_becomes_one_file(tts, tmp_path):
    tts.type(f"{TEXT}\n\n{TEXT} {TEXT} [pause 2s] {TEXT}")
    tts.generate()
    words = tts.bar.locator("~ .bar-text")
    expect(words).to_contain_text("Part 2 of 3: ")
    expect(words).to_contain_text("left")
    tts.wait_for_speech()
    samples, sample_rate = read(tts.download(tmp_path))
    assert 10 < len(samples) / sample_rate < 44


def test_stop_keeps_what_is_made_and_says_that_it_is_a_part(tts, server, client, tmp_path):
    before = server.made_files()
    tts.be_quick()
    tts.type(LONG[:6000])
    tts.generate()
    tts.wait_for_player("a.currentTime > 0.5")
    tts.stop()
    expect(tts.result.get_by_text("This is a part")).to_be_visible()
    tts.wait_for_player("a.src.endsWith('.wav') && a.paused && a.currentTime > 0.5")
    expect(tts.panel.get_by_role("button", name="Generate")).to_be_enabled()
    started = time.monotonic()
    client.predict("Hi.", api_name="/text-to-speech")  # has to wait for whatever still runs
    assert time.monotonic() - started < 30
    assert len(server.made_files()) == len(before) + 2
    samples, sample_rate = read(tts.download(tmp_path))
    assert 0.1 < len(samples) / sample_rate < 100


def test_stop_before_there_is_sound_makes_nothing(tts, browser, server):
    before = server.made_files()
    tts.take_long()
    tts.type(LONG)
    with who_waits(browser, server, tts) as second:
        second.stop()
        expect(second.result.get_by_text("Nothing was made.")).to_be_visible()
        expect(second.panel.get_by_role("button", name="Generate")).to_be_enabled()
    assert server.made_files() == before
    tts.stop()


def test_what_was_changed_in_the_text_is_said_below_the_speech(tts):
    tts.type("# Good **morning**.")
    tts.generate()
    tts.wait_for_speech()
    said = "Changed before it was spoken: Markdown marks removed."
    expect(tts.result.get_by_text(said, exact=True)).to_be_visible()


def test_closing_the_page_ends_the_work_on_the_server(tts, page, server, client):
    before = server.made_files()
    tts.be_quick()
    tts.type(LONG[:6000])
    with page.expect_response("**/live/*") as heard:
        tts.generate()
    page.close()
    started = time.monotonic()
    client.predict("Hi.", api_name="/text-to-speech")
    assert time.monotonic() - started < 30
    assert len(server.made_files()) == len(before) + 1
    assert httpx.get(heard.value.url).status_code == 404  # and nothing is kept for its listener


def test_of_two_visitors_the_second_waits_for_a_turn_and_is_served(tts, browser, server):
    tts.take_long()
    tts.type(TEXT)
    with who_waits(browser, server, tts) as second:
        second.wait_for_speech()
        expect(tts.facts).to_be_visible()


def test_a_voice_fills_its_description_and_never_a_text_that_was_typed(tts):
    text, description = (
        tts.panel.get_by_placeholder("What should"),
        tts.panel.get_by_label("Voice description"),
    )
    news, story = (
        tts.panel.get_by_role("button", name=name, exact=True)
        for name in ("News anchor", "Bedtime story")
    )
    expect(text).to_have_value(re.compile("^Welcome to the harbour"))
    news.click()
    expect(description).to_have_value(re.compile("evening news"))
    expect(news).to_have_attribute("aria-pressed", "true")
    expect(text).to_have_value(re.compile("^Good evening"))  # in the place of ours
    tts.type("What I have written.")
    description.fill("A voice of mine")
    expect(news).to_have_attribute("aria-pressed", "false")
    story.click()
    expect(description).to_have_value(re.compile("sleepy child"))
    expect(text).to_have_value("What I have written.")
    story.click()
    expect(description).to_have_value("A voice of mine")
    tts.type("")
    story.click()
    expect(text).to_have_value(re.compile("fox"))


def made_speeches(server):
    return sum(path.suffix == ".wav" for path in server.made_files())


NOTE_SOUNDS = """
  window.heard = [];
  const of = Audio;
  window.Audio = function () { heard.push(new of()); return heard.at(-1); };
"""
IS_HEARD = "() => heard.some((audio) => !audio.paused && audio.currentTime > 0.3)"


def test_a_voice_is_made_once_for_all_who_want_to_hear_it(browser, server):
    for asked in (1, 0):
        page = browser.new_page()
        page.add_init_script(NOTE_SOUNDS)
        page.goto(server.url)
        tts, before = Tab(page, "Text to Speech"), made_speeches(server)
        tts.panel.get_by_role("button", name="Hear Nature film").click()
        page.wait_for_function(IS_HEARD)
        assert made_speeches(server) == before + asked
        expect(tts.panel.get_by_label("Voice description")).to_have_value("")
        page.close()


def test_voices_of_other_languages_are_behind_a_switch(tts):
    other = tts.panel.get_by_role("button", name="温柔女声", exact=True)
    expect(other).to_be_hidden()
    tts.panel.get_by_role("button", name="中文", exact=True).click()
    expect(other).to_be_visible()


def test_the_seed_of_the_last_speech_makes_it_again(tts, tmp_path):
    tts.open_advanced_settings()
    tts.type("Good morning.")
    tts.generate()
    tts.wait_for_speech()
    first, _ = read(tts.download(tmp_path))
    tts.panel.get_by_label("New seed each time").uncheck()
    tts.generate()
    tts.wait_for_speech()
    again, _ = read(tts.download(tmp_path))
    assert (first == again).all()


def listen_to_the_clip(tab):
    tab.panel.get_by_role("button", name="Play", exact=True).click()
    heard = "(a) => !a.paused && a.currentTime > 0.3"
    tab.panel.page.wait_for_function(heard, arg=tab.panel.locator(".clip audio").element_handle())


def test_an_example_is_heard_and_cloned_in_two_clicks(cloning, tmp_path):
    cloning.panel.get_by_role("button", name="English woman").click()
    expect(cloning.panel.get_by_placeholder("What should")).to_have_value(re.compile("umbrella"))
    expect(cloning.panel.get_by_label("I may use this voice")).to_be_hidden()
    transcript = cloning.panel.get_by_label("Transcript of the clip")
    expect(transcript).to_have_value(re.compile("^Welcome to the museum"))
    listen_to_the_clip(cloning)
    transcript.fill("")  # since beside one there is no style
    expect(cloning.panel.get_by_label("Style")).to_be_enabled()
    cloning.generate()
    cloning.wait_for_speech()
    assert median_f0(*read(cloning.download(tmp_path))) == pytest.approx(169, rel=0.15)


def test_an_example_fills_no_text_that_was_typed(cloning):
    cloning.type("What I have written.")
    cloning.panel.get_by_role("button", name="English woman").click()
    expect(cloning.panel.get_by_label("Transcript of the clip")).not_to_have_value("")
    expect(cloning.panel.get_by_placeholder("What should")).to_have_value("What I have written.")


def test_an_uploaded_clip_is_heard_and_cloned_with_consent_that_is_its_own(cloning, tmp_path):
    cloning.upload(MAN)
    listen_to_the_clip(cloning)
    cloning.type(TEXT)
    cloning.generate()
    cloning.wait_for_speech()
    assert median_f0(*read(cloning.download(tmp_path))) == pytest.approx(100, rel=0.15)
    cloning.give("Examples")
    expect(cloning.panel.get_by_label("I may use this voice")).to_be_hidden()
    expect(cloning.panel.get_by_text("Using 0:00")).to_be_hidden()  # none is chosen
    cloning.give("Upload")
    expect(cloning.panel.get_by_text("Using 0:00")).to_be_visible()
    expect(cloning.panel.get_by_label("I may use this voice")).not_to_be_checked()


def test_a_clip_is_looked_at_behind_its_link(cloning, server):
    """One that is refused, since tests reach no public server: the sentence shows the way."""
    cloning.give("Link")
    link = cloning.panel.get_by_label("Link to a clip")
    for written, answer in (
        ("clip.wav", "This is no link."),
        (f"{server.url}/clip.wav", "could not be downloaded from"),
    ):
        link.fill(written)
        link.press("Enter")
        expect(cloning.panel.get_by_text(answer)).to_be_visible()


def test_what_is_wrong_with_a_clip_is_said_below_its_clone(cloning, tmp_path):
    (tmp_path / "short.mp3").write_bytes(files.made("mp3", 0.02 * files.resampled(MAN)[:96_000]))
    cloning.upload(tmp_path / "short.mp3")
    cloning.type("Hello.")
    cloning.generate()
    cloning.wait_for_speech()
    for advice in ("5 to 20 s clone better", "very quiet"):
        expect(cloning.result.get_by_text(advice)).to_be_visible()


def test_without_consent_nothing_is_cloned(cloning, server):
    before = server.made_files()
    cloning.upload(MAN)
    cloning.panel.get_by_label("I may use this voice").uncheck()
    cloning.type(TEXT)
    cloning.generate()
    expect(cloning.refusal).to_contain_text("that you may use this voice")
    expect(cloning.panel.get_by_label("I may use this voice")).to_be_focused()
    assert server.made_files() == before
    cloning.consent()
    expect(cloning.refusal).to_have_count(0)


def test_a_recording_is_cloned(cloning):
    cloning.give("Record")
    expect(cloning.panel.get_by_text("On Saturday morning")).to_be_visible()  # to be read aloud
    cloning.panel.get_by_role("button", name="Record", exact=True).click()
    expect(cloning.panel.get_by_text("Get ready: 1")).to_be_visible()
    expect(cloning.panel.get_by_text(re.compile("^0:0[2-9] · 2. s left"))).to_be_visible()
    assert cloning.panel.get_by_role("meter", name="Loudness").evaluate("(one) => one.value") > 0
    cloning.panel.get_by_role("button", name="Stop recording").click()
    listen_to_the_clip(cloning)
    cloning.consent()
    cloning.type(TEXT)
    cloning.generate()
    cloning.wait_for_speech()


A_TONE = """(amplitude) => {
  const context = new AudioContext();
  const tone = new OscillatorNode(context);
  const microphone = context.createMediaStreamDestination();
  tone.connect(new GainNode(context, { gain: amplitude })).connect(microphone);
  tone.start();
  navigator.mediaDevices.getUserMedia = async () => microphone.stream;
}"""


@pytest.mark.parametrize(
    ("amplitude", "advice"),
    [(0.003, "Too quiet. Come closer"), (1.0, "Too loud. Move away")],
)
def test_who_records_is_told_at_once_how_loud_it_is(cloning, page, amplitude, advice):
    page.evaluate(A_TONE, amplitude)
    cloning.give("Record")
    cloning.panel.get_by_role("button", name="Record", exact=True).click()
    expect(cloning.panel.get_by_role("status").filter(has_text=advice)).to_be_visible()
    cloning.panel.get_by_role("button", name="Stop recording").click()
    expect(cloning.panel.get_by_role("button", name="Record again")).to_be_visible()


def test_a_transcript_turns_the_style_off_and_says_why(cloning):
    style = cloning.panel.get_by_label("Style")
    cloning.panel.get_by_role("button", name="English woman").click()
    expect(cloning.panel.get_by_label("Transcript of the clip")).not_to_have_value("")
    expect(style).to_be_disabled()
    expect(cloning.panel.get_by_text("VoxCPM2 would read the style aloud")).to_be_visible()
    cloning.set("Transcript of the clip", "")
    expect(style).to_be_enabled()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The text is empty"),
        ("?!", "only punctuation"),
        ("x" * 20_001, "The text has 20,001 characters"),
    ],
)
def test_what_cannot_be_spoken_is_said_at_the_text_until_it_is_mended(
    tts, page, server, text, sentence
):
    before = server.made_files()
    tts.type(text)
    tts.generate()
    expect(tts.refusal).to_contain_text(sentence)
    field = tts.panel.get_by_placeholder("What should")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile(sentence))
    expect(tts.panel.get_by_role("button", name="Generate")).to_be_enabled()
    expect(page.get_by_test_id("toast-body")).to_have_count(0)
    assert server.made_files() == before
    tts.type(TEXT)
    expect(tts.refusal).to_have_count(0)


def test_a_missing_voice_is_said_where_it_is_given(cloning):
    cloning.type(TEXT)
    cloning.generate()
    expect(cloning.refusal).to_contain_text("Please choose an example, upload or record a clip")
    cloning.give("My voices")
    cloning.generate()
    expect(cloning.refusal).to_contain_text("Please choose one of your voices")


def test_the_preview_is_said_loudly_with_what_to_do(page):
    banner = page.get_by_role("alert").filter(has_text="preview voice")
    expect(banner).to_contain_text("This is the preview voice, not VoxCPM2.")
    expect(banner).to_contain_text("VOXCPM_MODEL=openbmb/VoxCPM2")


def test_the_page_begins_with_the_banner_and_does_not_jump_when_it_comes(server):
    assert "banner warning" in httpx.get(server.url).text


WATCH_SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) shifted += each.hadRecentInput ? 0 : each.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
WORDS_IN_VIEW = """() => {
  const words = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const { top, bottom, left, right } = range.getBoundingClientRect();
    const isShown = walker.currentNode.parentElement.checkVisibility() && right > left;
    if (isShown && top < innerHeight && bottom > 0 && left < innerWidth)
      words.push(...walker.currentNode.textContent.split(/\\s+/).filter(Boolean));
  }
  return words.length;
}"""


IS_SEEN_AT_THE_LOWER_EDGE = """(element) => {
  element.scrollIntoView({ block: "end" });
  const { x, y, width, height } = element.getBoundingClientRect();
  const result = document.querySelector("#result").getBoundingClientRect();
  const isBeside = result.left >= x + width || result.right <= x;
  return y + height <= (isBeside ? innerHeight : Math.min(result.top, innerHeight));
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_ends_with_generate_says_little_and_stands_still(
    browser, server, width, height
):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.add_init_script(WATCH_SHIFTS)
    page.goto(server.url)
    expect(page.get_by_placeholder("What should be")).to_have_value(re.compile("^Welcome"))
    assert page.evaluate("shifted") < 0.05
    for name in ("Text to Speech", "Voice Cloning", "Dialogue", "Batch"):
        tab = Tab(page, name)
        generate = tab.panel.get_by_role("button", name="Generate").bounding_box()
        assert generate["y"] + generate["height"] <= height
        page.wait_for_function(f"({WORDS_IN_VIEW})() <= 120")  # once all of the tab is there
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    tab = Tab(page, "Text to Speech")
    tab.type("Hi.")
    tab.generate()
    expect(page.locator(".history li")).to_have_count(1)
    tab.type(LONG[:3000])  # pushes Generate down to where a phone has the result
    assert tab.panel.get_by_role("button", name="Generate").evaluate(IS_SEEN_AT_THE_LOWER_EDGE)
    assert page.get_by_role("link", name="Built with Gradio").evaluate(IS_SEEN_AT_THE_LOWER_EDGE)
    page.close()


def test_the_page_fetches_nothing_from_elsewhere(browser, server):
    asked = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.url)
    page.get_by_role("tab", name="Voice Cloning").click()
    elsewhere = [url for url in asked if not url.startswith((server.url, "data:", "blob:"))]
    page.close()
    assert elsewhere == []
