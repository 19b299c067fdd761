"""Measures what it takes to open the page: python -m tests.benchmarks.page_load.

Chromium opens it several times, each with an empty cache, and then again with a filled one. A page
can be used when text can be typed and Generate pressed. How much jumps while it loads is Chromium's
cumulative layout shift, of which web.dev calls up to 0.1 good.
"""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright

from tests.e2e.install_browser import find_browser
from tests.e2e.server import serving

ROUNDS = 5
SETTLING_MS = 1000
"""In which what is not needed at once comes, and moves what is there."""
WATCH = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) shifted += each.hadRecentInput ? 0 : each.value;
  }).observe({ type: "layout-shift", buffered: true });
  const usable = () => {
    const text = document.querySelector("textarea[placeholder^='What should']");
    const button = [...document.querySelectorAll("button")].find(
      (each) => each.textContent.trim() === "Generate" && !each.disabled && each.offsetParent);
    if (text?.offsetParent && button) window.usableAt ??= performance.now();
    else requestAnimationFrame(usable);
  };
  usable();
"""
SEEN = """() => {
  const loaded = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
  return {
    MB: loaded.reduce((sum, each) => sum + each.transferSize, 0) / 1e6,
    files: loaded.length,
    painted: performance.getEntriesByName("first-contentful-paint")[0].startTime / 1000,
    usable: usableAt / 1000,
    shifted,
  };
}"""


def opened(context: BrowserContext, url: str) -> dict[str, Any]:
    """What was transferred, in MB and files; seconds to the first paint and to use; the shift."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    page.wait_for_function("window.usableAt")
    page.wait_for_timeout(SETTLING_MS)
    seen: dict[str, Any] = page.evaluate(SEEN)
    page.close()
    return seen


def main() -> None:
    seen: dict[str, list[dict[str, Any]]] = {"empty cache": [], "filled cache": []}
    executable = find_browser()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        for _ in range(ROUNDS):
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            for measured in seen.values():
                measured.append(opened(context, server.url))
            browser.close()
    for cache, measured in seen.items():
        middle = {key: statistics.median(each[key] for each in measured) for key in measured[0]}
        spread = [each["usable"] for each in measured]
        print(
            f"{cache}: {middle['MB']:.2f} MB in {middle['files']:.0f} files, painted after "
            f"{middle['painted']:.2f} s, usable after {middle['usable']:.2f} s "
            f"({min(spread):.2f} to {max(spread):.2f}), shifted by {middle['shifted']:.3f}"
        )


if __name__ == "__main__":
    main()
