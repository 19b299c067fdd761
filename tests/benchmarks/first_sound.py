"""Measures how soon the page is heard: python -m tests.benchmarks.first_sound.

It opens the page in Chromium, presses Generate, and watches the player: when its position first
moves, how often it has to wait for more, and when the whole file is there.
"""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.install_browser import find_browser
from tests.e2e.server import serving

SENTENCE = "The train was late again. We have to wait here for a while. "
TEXTS = {"10 s": SENTENCE * 3, "60 s": SENTENCE * 18}
LONGEST_SECONDS = 300
WATCH = """() => {
  const audio = document.querySelector("#result audio");
  document.querySelectorAll(".facts").forEach((each) => each.remove());  // of the speech before
  const seen = (window.seen = { asked: performance.now(), underruns: 0 });
  const now = () => (performance.now() - seen.asked) / 1000;
  const before = audio.src;
  const look = () => {
    if (audio.src !== before && audio.currentTime > 0) seen.heard ??= now();
    if (document.querySelector(".facts")) seen.file ??= now();
  };
  const ranOut = () => {  // a busy browser also waits for itself, with more in hand
    const { buffered, currentTime } = audio;
    return !buffered.length || buffered.end(buffered.length - 1) - currentTime < 0.1;
  };
  seen.timer = setInterval(look, 20);
  audio.addEventListener("waiting", () => seen.heard && (seen.underruns += ranOut()));
  audio.addEventListener("ended", () => (seen.ended = true));
}"""


def measure(page: Page, text: str) -> dict[str, float]:
    """Seconds from Generate to the first sound and to the file, underruns, and the length."""
    page.get_by_placeholder("What should").first.fill(text)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Generate").first.click()
    over = "() => seen.file && seen.ended"
    page.wait_for_function(over, timeout=1000 * LONGEST_SECONDS)
    measured: dict[str, float] = page.evaluate("() => (clearInterval(seen.timer), seen)")
    return measured


def main() -> None:
    executable = find_browser()
    model = os.environ.get("VOXCPM_MODEL", "preview")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), VOXCPM_MODEL=model) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(server.url)
        measure(page, SENTENCE)  # warms up
        for name, text in TEXTS.items():
            seen = measure(page, text)
            facts = page.locator(".facts").first.inner_text().replace("\n", ", ")
            print(
                f"{name}: first sound after {seen['heard']:.2f} s, file after {seen['file']:.2f} s,"
                f" {seen['underruns']} underruns ({facts})"
            )
        browser.close()


if __name__ == "__main__":
    main()
