"""Records the README's pictures of the page: python -m tests.e2e.record_page."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.e2e.install_browser import find_browser
from tests.e2e.server import ROOT, serving
from tests.e2e.test_page import Tab

_DOCS = ROOT / "docs"
_LINK_PICTURE = ROOT / "voxcpm_space" / "ui" / "assets" / "picture.png"
_SIZE = {"width": 1280, "height": 900}
_LINK_SIZE = {"width": 1200, "height": 630}
_CLIP_WIDTH, _COLORS = 800, 64
_FRAME_MS = 250
_TYPED_IN_A_FRAME = 6  # characters
_DIALOGUE = (
    ("Ann", "The train was late again."),
    ("Bob", "How long did you have to wait?"),
    ("Ann", "Nearly an hour. But the coffee was good."),
)


class Film:
    """A page, frame by frame."""

    def __init__(self, page: Page) -> None:
        """Starts without frames."""
        self._page = page
        self._frames: list[Image.Image] = []

    def roll(self, frames: int = 1) -> None:
        """Takes so many frames."""
        for _ in range(frames):
            self._page.wait_for_timeout(_FRAME_MS)
            image = Image.open(io.BytesIO(self._page.screenshot()))
            height = round(image.height * _CLIP_WIDTH / image.width)
            small = image.convert("RGB").resize((_CLIP_WIDTH, height))
            self._frames.append(small.quantize(_COLORS, dither=Image.Dither.NONE))

    def type(self, field: Locator, text: str) -> None:
        """Types as a person does."""
        for start in range(0, len(text), _TYPED_IN_A_FRAME):
            field.press_sequentially(text[start : start + _TYPED_IN_A_FRAME])
            self.roll()

    def save(self, path: Path) -> None:
        """Writes a GIF that plays over and over."""
        first, *rest = self._frames
        first.save(path, save_all=True, append_images=rest, duration=_FRAME_MS, loop=0)


def make_a_dialogue(page: Page) -> None:
    """Goes through the page from the text to the picture of the speech."""
    film, tab = Film(page), Tab(page, "Dialogue")
    film.roll(4)
    for number, (name, said) in enumerate(_DIALOGUE, start=1):
        tab.panel.get_by_label(f"Speaker of line {number}").fill(name)
        line = tab.panel.get_by_label(f"Line {number}", exact=True)
        film.type(line, said)
        if number < len(_DIALOGUE):
            line.press("Enter")
    for name, voice in (("Ann", "A cheerful young woman"), ("Bob", "A deep old man")):
        tab.panel.get_by_label(f"Voice of {name}").first.select_option("described")
        film.type(tab.panel.get_by_label(f"Description of {name}'s voice"), voice)
    tab.generate()
    film.roll(16)
    tab.wait_for_speech()
    tab.result.get_by_role("button", name="Waveform and pitch").click()
    expect(tab.result.get_by_role("img", name="Waveform and mel spectrogram")).to_be_visible()
    page.evaluate("window.scrollTo(0, 0)")
    film.roll(8)
    film.save(_DOCS / "page.gif")
    page.screenshot(path=_DOCS / "page.png")
    page.set_viewport_size(_LINK_SIZE)
    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shown.quantize(_COLORS, dither=Image.Dither.NONE).save(_LINK_PICTURE, optimize=True)


def main() -> None:
    """Starts the application and a browser."""
    executable = find_browser()
    with (
        TemporaryDirectory() as folder,
        serving(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable)
        page = browser.new_page(viewport=_SIZE)
        page.goto(f"{server.url}?__theme=light")
        make_a_dialogue(page)
        browser.close()


if __name__ == "__main__":
    main()
