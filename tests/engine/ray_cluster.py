"""A Ray cluster of two nodes on this machine, each with an address of its own on loopback."""

import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tests.e2e.server import ROOT, free_port

HEAD, SECOND = "127.0.0.1", "127.0.0.2"
_RAY = str(Path(sys.executable).with_name("ray"))
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "HF_ENDPOINT": "http://127.0.0.1:9",  # no Hub
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(16),
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_memory_monitor_refresh_ms": "0",
    "RAY_worker_niceness": "0",
}


class Cluster:
    """Each node has room for one model."""

    def __init__(self, folder: Path) -> None:
        """Starts it."""
        self.address = f"{HEAD}:{free_port()}"
        self._log = (folder / "log").open("w")
        port = self.address.partition(":")[2]
        self._head = self._start(HEAD, "--head", f"--port={port}", "--include-dashboard=false")
        self.second = None
        wait_until(self._listens)

    def _listens(self) -> bool:
        try:
            socket.create_connection((HEAD, int(self.address.partition(":")[2]))).close()
        except OSError:
            return False
        return True

    def start_second(self) -> None:
        self.second = self._start(SECOND, f"--address={self.address}")

    def kill_second(self) -> None:
        """Kills its raylet, with which all that runs there ends."""
        for process in psutil.Process(self.second.pid).children(recursive=True):
            if "raylet" in process.name():
                process.kill()
        self.second.wait()

    def stop(self) -> None:
        for node in filter(None, [self.second, self._head]):
            below = _below(node.pid)
            node.kill()
            node.wait()
            for process in below:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._log.close()

    def replicas(self) -> list[psutil.Process]:
        """The actors of Serve's replicas."""
        return [
            process
            for node in filter(None, [self._head, self.second])
            for process in _below(node.pid)
            if any("ServeReplica" in word for word in process.cmdline())
        ]

    def _start(self, address: str, *options: str) -> subprocess.Popen:
        command = [_RAY, "start", "--block", f"--node-ip-address={address}", "--num-cpus=1"]
        return subprocess.Popen(
            [*command, "--object-store-memory=100000000", *options],
            env=os.environ | ENVIRONMENT,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )


def _below(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def wait_until(condition, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
