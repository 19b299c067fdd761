"""A real S3 server on loopback: rclone, which serves the folders in a folder as buckets."""

import socket
import subprocess
import sys
import time
from pathlib import Path

KEY, SECRET = "key", "secret"
_START_SECONDS = 60


class S3Server:
    """It, and what a client needs to know.

    Attributes:
        folder: Has a folder for each bucket.
        url: Where it is.
        environment: Variables that every S3 client reads.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.environment = {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
        }
        self.start()

    def start(self) -> None:
        program = Path(sys.executable).with_name("rclone")
        listening = ["--addr", f"127.0.0.1:{self._port}", "--auth-key", f"{KEY},{SECRET}"]
        self._process = subprocess.Popen(
            [program, "serve", "s3", *listening, "--dir-cache-time", "0s", self.folder],
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert time.monotonic() < end
            assert self._process.poll() is None
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket() as visitor:
            return visitor.connect_ex(("127.0.0.1", self._port)) == 0

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
