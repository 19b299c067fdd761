import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from gradio_client import Client
from playwright.sync_api import expect, sync_playwright

from tests.e2e.accounts import AccountsFile
from tests.e2e.install_browser import find_browser
from tests.e2e.server import ROOT, serving

_SPOKEN = ROOT / "examples" / "clips" / "english-male-rms.wav"
_FLAGS = [
    *["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
    *["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],  # a microphone
    f"--use-file-for-fake-audio-capture={_SPOKEN}",
]


_PATIENCE = 90_000  # ms; where machines are busy, pages are slow
expect.set_options(timeout=_PATIENCE)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def internet():
    """Serves the example clips as a stranger's server on the internet would."""
    handler = partial(_Quiet, directory=ROOT / "examples" / "clips")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The application on the preview checkpoint."""
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="session")
def accounts(tmp_path_factory):
    """The accounts of the closed server, with `ann` among them, whose key is `accounts.key`."""
    accounts = AccountsFile(tmp_path_factory.mktemp("accounts"))
    accounts.key = accounts.add("ann")
    return accounts


@pytest.fixture(scope="session")
def closed(tmp_path_factory, accounts):
    """The application, closed to all but accounts."""
    with serving(
        tmp_path_factory.mktemp("closed"),
        VOXCPM_ACCOUNTS=str(accounts.path),
    ) as server:
        yield server


@pytest.fixture
def client(server):
    client = Client(server.url, verbose=False)
    yield client
    client.close()


@pytest.fixture(scope="module")  # not longer: its event loop runs as long as it does
def browser():
    executable = find_browser()
    if executable is None:
        missing = "No browser. Install one with: python -m playwright install chromium"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, server):
    """The page, opened anew."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["microphone"]
    )
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    page.goto(server.url)
    page.get_by_role("tab", name="Text to Speech").wait_for()
    yield page
    context.close()
