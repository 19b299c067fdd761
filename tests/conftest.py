import gc
import multiprocessing
import os
import secrets
import subprocess
from types import SimpleNamespace

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: two workers and all their servers
os.environ["TRITON_INTERPRET"] = "1"  # before Triton, which torch may import: here is no card
gc.disable()  # until all is imported and collected, of which nothing is garbage: a second a worker

import numpy as np
import pytest
import soundfile
from xdist.scheduler import LoadFileScheduling

from tests import sharing
from tests.apart import build_apart
from tests.s3_server import S3Server
from voxcpm_space import results
from voxcpm_space.engine import Engine, worker_process
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio

_TOGETHER = {
    "ZeroGPU": ("tests/zerogpu/",),
    "busy": ("tests/e2e/test_load.py", "tests/e2e/test_many_users.py"),
}
"""Files whose servers are started once, and so run by one worker."""
_PROCESSES = {"e2e", "zerogpu"}
"""Folders of tests that use a server or a browser, unless they say that they need none."""


def _needs_a_process(item):
    if not _PROCESSES.intersection(item.path.parts):
        return False
    return "in_process" not in item.fixturenames or "browser" in item.fixturenames


class _ByServer(LoadFileScheduling):
    """Gives a worker a file at a time, and all files of a server that is to be started once.

    As `--dist loadgroup` would do, if xdist 3.8 could still rename the tests of pytest 9.2.
    """

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return next((name for name, its in _TOGETHER.items() if file.startswith(its)), file)


def pytest_xdist_make_scheduler(config, log):
    return _ByServer(config, log)


def pytest_itemcollected(item):
    if _needs_a_process(item):
        item.add_marker(pytest.mark.server)
    elif "preview" in item.fixturenames:
        item.add_marker(pytest.mark.slow)


def pytest_collection_modifyitems(items):
    sharing.bring_together(items)
    gc.freeze()  # half a million objects that stay: no collection need look at them again
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    yield
    sharing.end_what_is_not_needed(item, nextitem)


@pytest.fixture(scope="session")
def forkserver():
    """Starts processes that have torch and Gradio imported, which takes 6 s, and then each less."""
    forkserver = multiprocessing.get_context("forkserver")
    forkserver.set_forkserver_preload(["tests.preloaded"])
    return forkserver


@pytest.fixture(scope="session", autouse=True)
def _forked_models(forkserver):
    """Models of this process start that way; servers in processes of their own, as users' do."""
    with pytest.MonkeyPatch.context() as patch:
        contexts = SimpleNamespace(get_context=lambda _: forkserver)
        patch.setattr(worker_process, "multiprocessing", contexts)
        yield


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory, forkserver):
    return build_apart(forkserver, "tiny_checkpoint", tmp_path_factory.mktemp("tiny"))


@sharing.shared
def engine(tiny_checkpoint):
    engine = Engine(Settings(model=str(tiny_checkpoint), device="cpu"))
    engine.load()
    yield engine
    engine.stop(grace_seconds=0)


@pytest.fixture(autouse=True)
def uploads(tmp_path, monkeypatch):
    """Gradio's upload folder, empty for every test."""
    folder = tmp_path / "gradio"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of its own, of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder], check=False
    )
    if mounted.returncode:
        pytest.skip("Only an administrator can mount a small disk.")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def requests(engine, monkeypatch):
    """The requests that reached the engine."""
    seen, stream = [], engine.stream

    def seeing(request, **options):
        seen.append(request)
        return stream(request, **options)

    monkeypatch.setattr(engine, "stream", seeing)
    return seen


@sharing.shared
def s3(tmp_path_factory):
    """A real S3 server."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def bucket(s3, monkeypatch):
    """The folder of a new bucket, of which the environment has the keys."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(results, "_RETRIES", 0)
    folder = s3.folder / secrets.token_hex(8)
    folder.mkdir()
    return folder


@pytest.fixture
def studio(engine):
    return Studio(Settings(asr_model=""), engine, Outputs(keep_seconds=3600))


@pytest.fixture
def made_files(uploads):
    """Lists the speech files that are there now."""
    return lambda: sorted((uploads / "speech").glob("*"))


@pytest.fixture
def upload(uploads):
    """Puts a WAV file where Gradio puts uploads."""

    def put(samples, sample_rate=16_000, name="clip.wav", **options):
        path = uploads / name
        soundfile.write(path, samples, sample_rate, **options)
        return str(path)

    return put


@pytest.fixture
def tone():
    """A clip that passes for a voice: `tone(seconds, hz)`."""

    def make(seconds=2.0, hz=150.0, sample_rate=16_000):
        time = np.arange(int(seconds * sample_rate)) / sample_rate
        return (0.3 * np.sin(2 * np.pi * hz * time)).astype(np.float32)

    return make
