"""Gets the browser and the Redis server of the tests: `python -m tests.e2e.install_browser`."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

_DOWNLOAD_SECONDS = 300
_DEBIAN = "chromium-headless-shell"
_PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]


@cache
def find_browser() -> str | None:
    """Gives Playwright's own Chromium where it was downloaded, else the system's, if any.

    The one that never shows a window is preferred: a page takes it two thirds of the time.
    """
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    shell = next(Path(own).parents[2].glob("chromium_headless_shell-*/*/*headless*shell"), None)
    of_system = map(shutil.which, (_DEBIAN, "chromium", "google-chrome"))
    candidates = [shell, own, *of_system]
    return next((str(path) for path in candidates if path and Path(path).exists()), None)


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, timeout=_DOWNLOAD_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> None:
    """Downloads or installs what is not there; the tests say what is still missing."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    missing = [] if shutil.which("redis-server") else ["redis-server"]
    download = [*_PLAYWRIGHT, "--with-deps"] if is_root else _PLAYWRIGHT
    if not (find_browser() or _succeeds(download)):
        missing.append(_DEBIAN)
    if missing and is_root and shutil.which("apt-get"):
        _succeeds(["apt-get", "update", "--quiet"])
        _succeeds(["apt-get", "install", "--quiet", "--yes", *missing])


if __name__ == "__main__":
    main()
