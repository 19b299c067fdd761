"""Starts the application as its users do, as a process on loopback."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1:*"
"""As VOXCPM_REFERENCE_HOSTS calls it: tests reach no other server."""
USUAL = {"VOXCPM_MODEL": "preview", "VOXCPM_RATE_LIMIT": ""}
_START_SECONDS = 150


@contextmanager
def serving(folder: Path, *command: str, **environment: str):
    """A server that can speak: with the preview and without a limit, unless told otherwise."""
    server = Server(folder, *command, **USUAL | environment)
    try:
        yield server.wait_for_page().wait_until_ready()
    finally:
        server.stop()


def free_port() -> int:
    """Gives a port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Running:
    """An application that runs, with Gradio's folder and a log."""

    def __init__(self, url: str, uploads: Path, log_path: Path) -> None:
        self.url = url
        self.uploads = uploads
        self._log_path = log_path

    @property
    def log(self) -> str:
        return self._log_path.read_text()

    def made_files(self) -> list[Path]:
        return sorted(self.uploads.glob("**/speech/*"))

    @contextmanager
    def unable_to_store(self):
        """Puts a file where the folder of made files is."""
        (speech,) = self.uploads.glob("**/speech")
        away = speech.rename(self.uploads / "away")
        speech.touch()
        try:
            yield
        finally:
            speech.unlink()
            away.rename(speech)

    def metric(self, name: str) -> float:
        """The first that begins so, at /metrics; 0 where there is none."""
        lines = httpx.get(f"{self.url}/metrics").text.splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(name)), 0)

    def wait_until(self, condition, seconds: float = _START_SECONDS) -> None:
        """Waits for what is there when a server has ended, too."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.log
            time.sleep(0.1)


class Server(Running):
    """A running `python app.py`."""

    def __init__(self, folder: Path, *command: str, **environment: str) -> None:
        """Starts it, or another `python command` in its place."""
        port = environment.get("GRADIO_SERVER_PORT") or str(free_port())
        super().__init__(f"http://127.0.0.1:{port}", folder / "gradio", folder / "log")
        self._process = self._start(
            command,
            os.environ
            | {
                "GRADIO_SERVER_PORT": port,
                "GRADIO_TEMP_DIR": str(self.uploads),
                "HF_HUB_CACHE": str(folder / "hub"),
                "PYTHONUNBUFFERED": "1",
            }
            | environment,
        )

    def _start(self, command: tuple[str, ...], environment: dict[str, str]) -> subprocess.Popen:
        with self._log_path.open("w") as log:
            return subprocess.Popen(
                [sys.executable, *(command or ["app.py"])],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for_page(self) -> "Server":
        self.wait(self._answers)
        return self

    def wait_until_ready(self) -> "Server":
        self.wait(lambda: re.search(r"speaks after", self.log))
        return self

    def wait_for_exit(self) -> int:
        return self._process.wait(_START_SECONDS)

    @contextmanager
    def stopped(self):
        """Keeps it from doing anything; what it has started goes on."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def tell_to_end(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        if self._process.poll() is None:
            self.tell_to_end()
            self._process.wait(_START_SECONDS)

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url).status_code == 200
        except httpx.TransportError:
            return False

    def wait(self, condition) -> None:
        """Waits for what a running server does."""

        def is_met():
            assert self._process.poll() is None, self.log
            return condition()

        self.wait_until(is_met)
