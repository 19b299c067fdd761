"""The driver: the process that talks to Ray for the server.

Ray ends its driver's process when the cluster is lost, and 3 s after SIGTERM. So it is not the
server's.
"""

import logging
import multiprocessing
import signal
import threading
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import psutil

from voxcpm_space.engine.ray_cluster import joined
from voxcpm_space.engine.ray_messages import Facts, FromDriver, Sign, ToDriver, ToServer
from voxcpm_space.engine.worker_process import killed_when_silent
from voxcpm_space.errors import StartError
from voxcpm_space.monitoring import log_to_stderr
from voxcpm_space.settings import Settings

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

logger = logging.getLogger(__name__)

_ENDING_SECONDS = 20.0


class Driver:
    """A running driver, as the server sees it.

    Attributes:
        facts: Of the model, once the first replica can speak, or what ended the start.
    """

    def __init__(self, settings: Settings, *, goes_on: bool = False) -> None:
        """Starts it.

        Args:
            settings: Which cluster, and which replicas.
            goes_on: Whether what is deployed there is the server's, by a driver before this one.
        """
        self.facts = Future[Facts]()
        self._silence = settings.stall_seconds
        self._cluster: list[psutil.Process] = []
        # Not in a folder of ours: paths of sockets must be short.
        self._folder = Path(mkdtemp(prefix="voxcpm-ray-"))
        context = multiprocessing.get_context("spawn")
        self._connection: Connection[ToDriver, FromDriver]
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=drive,
            args=(theirs, settings, self._folder, goes_on),
            name="Ray driver",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        # What is told waits here: a driver at a standstill must hold up nobody.
        self._untold: SimpleQueue[ToDriver] = SimpleQueue()
        threading.Thread(target=self._send, daemon=True).start()

    def tell(self, what: ToDriver) -> None:
        """Tells it something, without waiting."""
        self._untold.put(what)

    def told(self) -> FromDriver:
        """Gives what it tells next.

        Raises:
            EOFError, OSError: It has ended, or gave no sign of life.
        """
        if self.facts.done():
            with killed_when_silent(self._process, self._silence):
                told = self._connection.recv()
        else:  # a cluster, a download and a model take as long as they take
            told = self._connection.recv()
        if told is Sign.JOINED:
            self._cluster = psutil.Process(self._process.pid).children(recursive=True)
        return told

    def end(self) -> None:
        """Ends it, and what is left of the cluster where that was its own."""
        self.tell(None)
        self._process.join(_ENDING_SECONDS)
        self._process.kill()
        self._process.join()
        for process in self._cluster:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        rmtree(self._folder, ignore_errors=True)
        if not self.facts.done():
            code = self._process.exitcode
            self.facts.set_exception(
                StartError(f"The process that joins the Ray cluster ended (exit code {code}).")
            )

    def _send(self) -> None:
        with suppress(OSError):
            while (what := self._untold.get()) is not None:
                self._connection.send(what)
            self._connection.send(None)


def drive(server: ToServer, settings: Settings, folder: Path, goes_on: bool) -> None:  # noqa: FBT001  (an argument of a process)
    """Serves the server until that sends None, or is gone.

    Args:
        server: Where jobs come from, and the numbers of those that nobody waits for.
        settings: Which cluster, and which replicas.
        folder: For what a cluster of this machine's own writes; does not outlast it.
        goes_on: As in `Driver`.
    """
    # A terminal or a service manager signals all processes; the server says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log_to_stderr()
    with suppress(EOFError, ConnectionError):
        try:
            with joined(settings, folder):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)  # Ray has set a handler of its own
                server.send(Sign.JOINED)
                from voxcpm_space.engine.ray_jobs import run_jobs  # noqa: PLC0415  (has Ray)

                run_jobs(server, settings, goes_on=goes_on)
        except StartError as error:
            server.send(error)
    rmtree(folder, ignore_errors=True)
