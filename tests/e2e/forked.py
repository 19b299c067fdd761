"""Starts the application from a process that has imported it: in 1 s, not 6 s, and 0.5 GB less."""

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import threading
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from types import SimpleNamespace

from tests.e2e.server import ROOT, USUAL, Server

_FORKSERVER = multiprocessing.get_context("forkserver")


@contextmanager
def serving_forked(folder: Path, **environment: str):
    """As `serving` does, for tests that leave alone how processes start and end."""
    server = ForkedServer(folder, **USUAL | environment)
    try:
        yield server.wait_for_page().wait_until_ready()
    finally:
        server.stop()


class ForkedServer(Server):
    """A running `app.py`, in a fork of multiprocessing's server of forks."""

    def _start(self, _: tuple[str, ...], environment: dict[str, str]) -> "_Forked":
        process = _FORKSERVER.Process(target=_run, args=(self._log_path, environment))
        process.start()
        return _Forked(process)


class _Forked:
    """A process of multiprocessing, with the methods of `subprocess.Popen` that a server needs."""

    def __init__(self, process: multiprocessing.process.BaseProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, seconds: float) -> int:
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("app.py", seconds)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


class _ForkOfModel(multiprocessing.get_context("fork").Process):
    """Ends with the application, however that ends; as a fork it has its end of the pipe, too."""

    def run(self) -> None:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        super().run()


def _end_with_parent() -> None:
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


def _run(log_path: Path, environment: dict[str, str]) -> None:
    with log_path.open("w", buffering=1) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    from voxcpm_space.engine import worker_process  # noqa: PLC0415  (the environment is set)

    # The model is a fork of the application, which then has no threads yet.
    fork = multiprocessing.get_context("fork")
    forking = SimpleNamespace(Pipe=fork.Pipe, RawValue=fork.RawValue, Process=_ForkOfModel)
    worker_process.multiprocessing = SimpleNamespace(get_context=lambda _: forking)
    try:
        runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # multiprocessing ends its processes without
