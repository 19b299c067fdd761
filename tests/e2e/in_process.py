"""The real application in the process of the tests, which need not wait for one of its own."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import fastapi.dependencies.models
import gradio as gr
from gradio.utils import get_upload_folder

from tests.e2e.server import Running, free_port
from voxcpm_space import launch
from voxcpm_space.api.access.access import Access
from voxcpm_space.api.service import SpeechService
from voxcpm_space.compat.gradio import upload_folder
from voxcpm_space.engine import Engine
from voxcpm_space.kept_files import KeptFiles
from voxcpm_space.monitoring import WithoutMessages, quiet_libraries
from voxcpm_space.outputs import Outputs
from voxcpm_space.own_folder import OwnFolder
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio
from voxcpm_space.ui import build_demo


class InProcess(Running):
    """An application that is open on loopback, with its page, routes and middleware.

    Attributes:
        app: It, as Starlette has it.
    """

    def __init__(self, demo: gr.Blocks, log_path: Path) -> None:
        super().__init__(demo.local_url.rstrip("/"), Path(get_upload_folder()), log_path)
        self.app = demo.app

    def wait(self, condition) -> None:
        self.wait_until(condition)


@contextmanager
def serving_in_process(folder: Path, engine: Engine, settings: Settings) -> Iterator[InProcess]:
    """Opens it, on an engine that others may use, too, and with a log in `folder`."""
    log_path = folder / "log"
    with _logged(log_path):
        with ThreadPoolExecutor(1) as elsewhere:  # this thread may have Playwright's event loop
            demo, kept = elsewhere.submit(asyncio.run, _open(engine, settings)).result()
        try:
            server = InProcess(demo, log_path)
            server.kept = kept
            yield server
        finally:
            demo.close(verbose=False)
            _forget_functions()


def _forget_functions() -> None:
    """Lets a closed application go: FastAPI remembers what kind of function each of its were."""
    for value in vars(fastapi.dependencies.models).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()


class _SharedFolder(OwnFolder):
    """That of all applications in this process, which the environment names."""

    def __init__(self) -> None:
        self.path = upload_folder()

    def restore(self) -> bool:
        return False


async def _open(engine: Engine, settings: Settings) -> tuple[gr.Blocks, KeptFiles]:
    """Runs in an event loop, where Gradio makes none of its own, which it never closes."""
    access, kept = Access(settings), KeptFiles(_SharedFolder(), settings.keep_seconds, 2**30)
    outputs = Outputs(settings.keep_seconds, kept.make_room)
    service = SpeechService(Studio(settings, engine, outputs), access)
    demo = build_demo(service, outputs)
    kept.spare_those_of_the_page()
    launch._open_page(demo, service, access, kept, free_port())
    return demo, kept


@contextmanager
def _logged(log_path: Path) -> Iterator[None]:
    """Writes down what a server's standard error shows."""
    handler = logging.FileHandler(log_path)
    handler.setFormatter(WithoutMessages())
    ours = logging.getLogger("voxcpm_space")
    level = ours.level
    ours.setLevel(logging.INFO)
    quiet_libraries()
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        ours.setLevel(level)
        handler.close()
