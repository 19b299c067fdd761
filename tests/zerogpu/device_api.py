"""A stand-in for ZeroGPU's device API, on loopback: the real one is on Hugging Face only.

What is asked and answered was read in the client of spaces 0.51.3. Which worker is used again or
killed is a guess at what the platform does.
"""

import contextlib
import json
import os
import secrets
import signal
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

_PING_SECONDS = 0.2


@dataclass(frozen=True)
class Refusal:
    """What the next `/schedule` is answered in place of a GPU."""

    status: int
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


NO_GPU = Refusal(503)
NO_QUOTA = Refusal(429, json.dumps({"left": 3, "wait": 3600}))
QUEUE_FAILED = Refusal(200, "event: failed\n\n", {"Content-Type": "text/event-stream"})


@dataclass
class _Grant:
    """A GPU in use."""

    slot: int
    seconds: float
    worker: int | None = None
    timer: threading.Timer | None = None


class StandInDeviceApi:
    """`with StandInDeviceApi() as api`: hands out GPUs that do not exist, and writes down to whom.

    Attributes:
        startups: How many start-ups were reported.
        asked: The parameters of each `/schedule` since `forget`.
        queued: How many of these had to wait.
        workers: Process ids of the workers that began since `forget`.
        released: For each release since `forget`, whether its worker had failed.
        slots: How many GPUs there are.
        reuses_workers: Whether an idle worker gets the next task.
        kills_after: Seconds after which a worker is killed; None lets all finish.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.RLock())
        self._grants: dict[str, _Grant] = {}
        self._idle_workers: dict[int, int] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.api = self
        self.startups = 0
        self.forget()

    def forget(self) -> None:
        """Starts a new record, with everything as it is at the start; idle workers stay."""
        self.asked: list[dict[str, str]] = []
        self.queued = 0
        self.workers: list[int] = []
        self.released: list[bool] = []
        self.slots = 1
        self.reuses_workers = True
        self.kills_after: float | None = None
        self._refusal: Refusal | None = None
        self._granted_before = 0

    def environment(self, folder: Path) -> dict[str, str]:
        """Makes a process to be started believe that it is on ZeroGPU."""
        cgroup = folder / "cgroup"
        cgroup.write_text("5:devices:/stand-in\n")
        return {
            "SPACES_ZERO_GPU": "true",
            "SPACES_ZERO_DEVICE_API_URL": f"http://127.0.0.1:{self._server.server_address[1]}",
            "ZEROGPU_PROC_SELF_CGROUP_PATH": str(cgroup),
            "ZEROGPU_OFFLOAD_DIR": str(folder / "tensors"),
            # Files that match are deleted once they are packed: none of this machine's may be.
            "ZEROGPU_MMAP_AUTOPRUNE_PATTERN": str(folder / "nothing"),
        }

    @property
    def busy(self) -> bool:
        """Whether any GPU is in use."""
        with self._changed:
            return bool(self._grants)

    def refuse_next(self, refusal: Refusal, after: int = 0) -> None:
        """Refuses one call, the next or one that comes after so many others."""
        self._refusal = refusal
        self._granted_before = after

    def wait_until(self, condition, seconds: float = 60) -> None:
        """Waits for something to be written down."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), seconds), vars(self)

    def wait_until_idle(self) -> None:
        self.wait_until(lambda api: not api.busy)

    def kill_busy_workers(self) -> None:
        """Kills those that use a GPU, once there are any: between two requests there are none."""
        with self._changed:
            self.wait_until(lambda api: any(grant.worker for grant in api._grants.values()))
            for grant in self._grants.values():
                _kill(grant.worker)

    def schedule(self, asked: dict[str, str]) -> Refusal | None:
        """Writes down what was asked for, and gives how it is to be refused."""
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
            if self._refusal and self._granted_before:
                self._granted_before -= 1
                return None
            refusal, self._refusal = self._refusal, None
            return refusal

    def grant(self, asked: dict[str, str], wait: float = 0) -> dict[str, object] | None:
        """Gives a GPU, or None where none comes free while it waits."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._grants) < self.slots, wait):
                return None
            busy = {grant.slot for grant in self._grants.values()}
            slot = next(slot for slot in range(self.slots) if slot not in busy)
            worker = self._idle_workers.pop(slot, None)
            if worker and not self.reuses_workers:
                _kill(worker)
                worker = None
            token = secrets.token_hex(8)
            self._grants[token] = _Grant(slot, float(asked["durationSeconds"]))
            if worker:
                self.allow(token, worker)
            return {
                "idle": worker is not None,
                "nvidiaIndex": slot,
                "nvidiaUUID": f"stand-in-{slot}",
                "allowToken": token,
            }

    def allow(self, token: str, worker: int) -> int:
        """Lets a worker use the GPU it was granted; gives an HTTP status."""
        with self._changed:
            grant = self._grants.get(token)
            if grant is None:
                return 404
            grant.worker = worker
            if worker not in self.workers:
                self.workers.append(worker)
            if self.kills_after is not None:
                grant.timer = threading.Timer(self.kills_after, _kill, [worker])
                grant.timer.start()
            self._changed.notify_all()
            return 200

    def release(self, token: str, *, failed: bool) -> int:
        """Takes a GPU back, keeping its worker for the next task; gives an HTTP status."""
        with self._changed:
            grant = self._grants.pop(token, None)
            if grant is None:
                return 404
            if grant.timer:
                grant.timer.cancel()
            if failed:
                _kill(grant.worker)
            elif grant.worker:
                self._idle_workers[grant.slot] = grant.worker
            self.released.append(failed)
            self._changed.notify_all()
            return 200

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        api: StandInDeviceApi = self.server.api
        if url.path == "/startup-report":
            api.startups += 1
            self._answer(Refusal(200))
        elif url.path == "/schedule":
            self._schedule(api, query)
        elif url.path == "/allow":
            self._answer(Refusal(api.allow(query["allowToken"], int(query["pid"]))))
        elif url.path == "/release":
            failed = query["fail"] == "true"
            self._answer(Refusal(api.release(query["allowToken"], failed=failed)))

    def _schedule(self, api, query):
        if refusal := api.schedule(query):
            self._answer(refusal)
        elif granted := api.grant(query):
            self._answer(Refusal(200, json.dumps(granted)))
        else:
            api.queued += 1
            self._keep_waiting(api, query)

    def _keep_waiting(self, api, query):
        """Answers with events, one in a chunk, since the client takes a chunk for an event."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        granted = None
        try:
            while not (granted := api.grant(query, wait=_PING_SECONDS)):
                self._send_chunk("event: ping\n\n")
            self._send_chunk(f"event: succeeded\ndata: {json.dumps(granted)}\n\n")
            self._send_chunk("")
        except ConnectionError:  # who asked did not wait
            self.close_connection = True
            if granted:
                api.release(granted["allowToken"], failed=True)

    def _send_chunk(self, text):
        self.wfile.write(f"{len(text):x}\r\n{text}\r\n".encode())
        self.wfile.flush()

    def _answer(self, answer: Refusal):
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def _kill(worker: int | None) -> None:
    if worker not in {None, 1, os.getpid()}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
