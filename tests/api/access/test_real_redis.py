"""The rate limit with a real Redis server, which its fake beside this cannot differ from."""

import shutil
import socket
import subprocess
import time

import pytest

from tests.api.access.test_rates import counted
from voxcpm_space.api.access.rates import RateLimit

_START_SECONDS = 30


class Redis:
    """A Redis server on loopback, which keeps nothing."""

    def __init__(self, program, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        listening = ["--bind", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [program, *listening, "--save", "", "--dir", folder], stdout=subprocess.DEVNULL
        )

    def wait_until_it_answers(self):
        end = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert time.monotonic() < end
            assert self._process.poll() is None
            time.sleep(0.05)

    def _answers(self):
        with socket.socket() as visitor:
            return visitor.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self._process.kill()
        self._process.wait()


@pytest.fixture
def redis_server(tmp_path):
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed.")
    server = Redis(program, tmp_path)
    server.wait_until_it_answers()
    yield server
    server.stop()


def test_replicas_that_share_a_server_share_the_limit(redis_server):
    one, other = (RateLimit("4/minute", redis_server.url) for _ in range(2))
    assert counted(one, "ann", 3) == 3
    assert counted(other, "ann", 3) == 1
    assert counted(other, "bob", 3) == 3


def test_requests_count_until_their_time_is_over(redis_server):
    limit = RateLimit("2/second", redis_server.url)
    assert counted(limit, "ann", 3) == 2
    end = time.monotonic() + _START_SECONDS
    while not counted(limit, "ann", 1):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_server_that_is_killed_neither_stops_the_service_nor_opens_it(redis_server, caplog):
    limit = RateLimit("2/minute", redis_server.url)
    assert counted(limit, "ann", 1) == 1
    redis_server.stop()
    assert counted(limit, "ann", 4) == 2
    assert "the storage failed" in caplog.text
