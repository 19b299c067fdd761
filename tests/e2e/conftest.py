import os
import threading
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from gradio_client import Client
from playwright.sync_api import expect, sync_playwright

from tests.e2e.accounts import AccountsFile
from tests.e2e.forked import ForkedServer, serving_forked
from tests.e2e.in_process import serving_in_process
from tests.e2e.install_browser import find_browser
from tests.e2e.server import ROOT, Server
from tests.sharing import shared
from voxcpm_space.engine import Engine
from voxcpm_space.settings import Settings

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


@contextmanager
def _starting(kind, folder):
    with ExitStack() as stack:

        def start(**environment):
            server = kind(folder, **environment)
            stack.callback(server.stop)
            return server

        yield start


@pytest.fixture
def start(tmp_path):
    """Starts an application for one test alone: `start(VOXCPM_NAME="value")`."""
    with _starting(Server, tmp_path) as start:
        yield start


@pytest.fixture
def start_fork(tmp_path):
    """As `start`, at once, where it does not matter how a process comes to be."""
    with _starting(ForkedServer, tmp_path) as start:
        yield start


@shared
def open_server(tmp_path_factory):
    """The application on the preview checkpoint, in a process of its own."""
    with serving_forked(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(open_server):
    return open_server


@shared
def busy(tmp_path_factory, tiny_checkpoint):
    """One on which only programs are, many at once."""
    folder = tmp_path_factory.mktemp("busy")
    with serving_forked(folder, VOXCPM_MODEL=str(tiny_checkpoint)) as server:
        yield server


@pytest.fixture(scope="session")
def accounts(tmp_path_factory):
    """The accounts of the closed server, with `ann` among them, whose key is `accounts.key`."""
    accounts = AccountsFile(tmp_path_factory.mktemp("accounts"))
    accounts.key = accounts.add("ann")
    return accounts


@shared
def preview():
    """An engine with the preview, for the applications in this process."""
    engine = Engine(Settings(model="preview"))
    engine.load()
    yield engine
    engine.stop(grace_seconds=0)


@pytest.fixture(scope="session")
def uploads_in_process(tmp_path_factory):
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture
def in_process(tmp_path_factory, uploads_in_process, monkeypatch):
    """Opens applications in this process: `with in_process(engine, setting=value) as server`."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(uploads_in_process))

    def serve(engine, **settings):
        unlimited = Settings(**{"rate_limit": ""} | settings)
        return serving_in_process(tmp_path_factory.mktemp("in_process"), engine, unlimited)

    return serve


@shared
def closed(in_process, engine, accounts):
    """The application, closed to all but accounts."""
    with in_process(engine, accounts=accounts.path) as server:
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


@pytest.fixture(scope="module")
def visitor(browser):
    """A visitor whose browser has the page's files from one test to the next."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["microphone"]
    )
    context.set_default_timeout(_PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(visitor, server):
    """The page, opened for the first time: the browser keeps nothing of what was done before."""
    page = visitor.new_page()
    page.goto(server.url)
    expect(page.get_by_placeholder("What should be said?")).not_to_have_value("")  # filled in
    yield page
    page.close()
    forget(visitor, server.url)


def forget(visitor, url):
    """Deletes what the browser keeps of a site, but for its cache of files."""
    blank = visitor.new_page()
    kept = {"origin": url, "storageTypes": "cookies,local_storage,indexeddb"}
    visitor.new_cdp_session(blank).send("Storage.clearDataForOrigin", kept)
    blank.close()
