"""A server with a Ray cluster of its own, from its start to its end."""

import importlib.util
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.test_ending import MINUTES, SOME_SECONDS, model_of, speak, wait_until_speaking

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="Ray is not installed")


def processes_of(server):
    return psutil.Process(server.pid).children(recursive=True)


def open_to_others(process):
    """Whether it listens on more than loopback."""
    return any(
        connection.status == psutil.CONN_LISTEN
        and not connection.laddr.ip.removeprefix("::ffff:").startswith("127.")
        for connection in process.net_connections("tcp")
    )


def runs(process):
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def folders_of(process):
    """Where it writes, as Ray has told it."""
    return re.findall(r"\S*/voxcpm-ray-\w+", " ".join(process.cmdline()))


def test_a_cluster_starts_and_ends_with_the_server(start):
    server = start(VOXCPM_MODEL="preview", VOXCPM_RAY="auto", HOME="/nonexistent")
    server.wait_for_page()
    server.wait(lambda: "Starting a Ray cluster on this machine" in server.log)
    assert "joining the cluster" in httpx.get(f"{server.url}/readyz").text
    server.wait_until_ready()
    assert speak(server, SOME_SECONDS).status_code == 200

    processes = processes_of(server)
    exposed = [process for process in processes if open_to_others(process)]
    assert all("ServeReplica" in process.name() for process in exposed), exposed
    assert {process.nice() for process in processes} == {psutil.Process().nice()}

    with ThreadPoolExecutor() as pool:
        lost = pool.submit(speak, server, MINUTES)
        wait_until_speaking(server)
        os.kill(model_of(server), signal.SIGKILL)  # of the driver, which has the place of a model
        assert lost.result().status_code == 503
    assert speak(server, SOME_SECONDS).status_code == 200

    folders = {folder for process in processes_of(server) for folder in folders_of(process)}
    processes += processes_of(server)
    server.stop()
    server.wait_until(lambda: not any(map(runs, processes)))
    assert folders
    assert not any(Path(folder).exists() for folder in folders)
    assert "Traceback" not in server.log
