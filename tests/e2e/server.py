"""Starts the application as its users do, as a process on loopback."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1:*"
"""As VOXCPM_REFERENCE_HOSTS calls it: tests reach no other server."""
_START_SECONDS = 90


class Server:
    """A running `python app.py`."""

    def __init__(self, folder: Path, *command: str, **environment: str) -> None:
        """Starts it, or another `python command` in its place."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.uploads = folder / "gradio"
        self._log_path = folder / "log"
        with self._log_path.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, *(command or ["app.py"])],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ
                | {
                    "GRADIO_SERVER_PORT": str(port),
                    "GRADIO_TEMP_DIR": str(self.uploads),
                    "HF_HUB_CACHE": str(folder / "hub"),
                    "PYTHONUNBUFFERED": "1",
                }
                | environment,
            )

    @property
    def log(self) -> str:
        return self._log_path.read_text()

    @property
    def pid(self) -> int:
        return self._process.pid

    def made_files(self) -> list[Path]:
        return sorted((self.uploads / "speech").glob("*"))

    def wait_for_page(self) -> "Server":
        self.wait(self._answers)
        return self

    def wait_until_ready(self) -> "Server":
        self.wait(lambda: re.search(r"speaks after", self.log))
        return self

    def wait_for_exit(self) -> int:
        return self._process.wait(_START_SECONDS)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(_START_SECONDS)

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url).status_code == 200
        except httpx.TransportError:
            return False

    def wait(self, condition) -> None:
        end = time.monotonic() + _START_SECONDS
        while not condition():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.1)
