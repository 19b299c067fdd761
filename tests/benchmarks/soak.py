"""Whether a server that is used for long holds no more: python -m tests.benchmarks.soak [MINUTES].

Programs ask through all doors, some badly, some leave in the middle, and some mean no good. Every
half minute what the server holds is written down; the table compares the first five minutes after
warming up with the last five. All of it happens on loopback.
"""

import contextlib
import random
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
from gradio_client import Client, handle_file
from websockets.sync.client import connect

from tests.e2e.server import ROOT, Server
from tests.e2e.test_ending import children

_WARM_UP, _COMPARED = 5, 5  # minutes
_SAMPLED_EVERY = 30.0
_ASKERS = 4
_PAUSE = 1.0
_KEEP_SECONDS = 60
_CLIP = ROOT / "examples" / "clips" / "english-female-slt.wav"
_LONG = " ".join(["The train was late again."] * 8)
_TIMEOUT = 120


@dataclass(frozen=True)
class Held:
    """What a server and its children hold.

    Attributes:
        server_megabytes: Resident memory of the server's process.
        model_megabytes: That of its children, of which the model is the largest.
    """

    server_megabytes: float
    model_megabytes: float
    open_files: int
    threads: int
    temporary_files: int
    outputs: int

    @classmethod
    def by(cls, server: Server) -> "Held":
        its_children = children(server.pid)
        processes = [server.pid, *its_children]
        files = [path for path in server.uploads.parent.rglob("*") if path.is_file()]
        outputs = len(server.made_files())
        return cls(
            server_megabytes=_resident(server.pid),
            model_megabytes=sum(_resident(pid) for pid in its_children),
            open_files=sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in processes),
            threads=sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in processes),
            temporary_files=len(files) - outputs,
            outputs=outputs,
        )


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def _hosted(url: str, chance: random.Random) -> str:
    fields = {"text": chance.choice(["Hi.", _LONG, ""]), "dit_steps": chance.randint(0, 10)}
    answer = httpx.post(f"{url}/voxcpm/v1/text-to-speech", json=fields, timeout=_TIMEOUT)
    return str(answer.status_code)


def _cloned(url: str, chance: random.Random) -> str:
    clip = chance.choice(["english-male-rms", "italian-female-lp", "http://127.0.0.1/a.wav"])
    fields = {"text": "Hi.", "reference_audio_url": clip}
    answer = httpx.post(f"{url}/voxcpm/v1/voice-cloning", json=fields, timeout=_TIMEOUT)
    return str(answer.status_code)


def _left(url: str, chance: random.Random) -> str:
    fields = {"model": "x", "input": _LONG, "response_format": "mp3"}
    with contextlib.suppress(httpx.TimeoutException):
        patience = chance.uniform(0.05, 3)
        with httpx.stream(
            "POST", f"{url}/v1/audio/speech", json=fields, timeout=patience
        ) as answer:
            next(answer.iter_bytes(), None)
    return "left"


def _uploaded(url: str, chance: random.Random) -> str:
    client = Client(url, verbose=False)
    try:
        client.predict(
            "Hi.",
            handle_file(_CLIP),
            dit_steps=2,
            seed=chance.randint(0, 9),
            api_name="/voice-cloning",
        )
    finally:
        client.close()
    return "200"


def _hostile(url: str, chance: random.Random) -> str:
    """Sends what nobody would who means well, and counts the answers."""
    method, path, sent = chance.choice(_ATTACKS)
    answer = httpx.request(method, f"{url}{path}", timeout=_TIMEOUT, **sent)
    return f"hostile {answer.status_code}"


def _silent(url: str, chance: random.Random) -> str:
    """Opens connections on which next to nothing comes, and a socket for voice agents."""
    address = httpx.URL(url)
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            quiet = stack.enter_context(socket.create_connection((address.host, address.port), 30))
            quiet.sendall(chance.choice([b"", b"GET /", b"POST /v1/audio/speech HTTP/1.1\r\n"]))
        agent = stack.enter_context(
            connect(f"ws://{url.partition('//')[2]}/v1/audio/speech/stream")
        )
        agent.send(chance.choice(["[" * 50_000, '{"type": "input.text", "text": "Hi the', _AGENT]))
        agent.recv(timeout=_TIMEOUT)
    return "silent"


_AGENT = '{"type": "input.done"}'
_FETCHED = {"path": "http://127.0.0.1/a.wav", "meta": {"_type": "gradio.FileData"}}
_ATTACKS = [
    ("POST", "/voxcpm/v1/text-to-speech", {"content": b"[" * 100_000}),
    ("POST", "/voxcpm/v1/text-to-speech", {"json": {"text": "[pause 10s]" * 100}}),
    ("POST", "/voxcpm/v1/text-to-speech", {"json": {"text": "[a](" * 40}}),
    ("POST", "/voxcpm/v1/text-to-speech", {"content": b'{"text": "Hi.", "cfg_value": 1e400}'}),
    (
        "POST",
        "/voxcpm/v1/voice-cloning",
        {"json": {"text": "Hi.", "reference_audio_url": "data:,"}},
    ),
    ("POST", "/gradio_api/call/voice-cloning", {"json": {"data": ["Hi.", _FETCHED]}}),
    ("POST", "/gradio_api/run/text-to-speech", {"json": {"data": ["Hi."]}}),
    ("POST", "/gradio_api/process_recording", {"files": {"file": b"RIFF" * 1000}}),
    ("POST", "/gradio_api/upload", {"files": {"files": ("../../x.wav", b"RIFF" * 50_000)}}),
    ("POST", "/gradio_api/upload", {"content": b"x" * 100_000}),
    ("GET", "/gradio_api/file=http://127.0.0.1/x", {}),
    ("GET", "/gradio_api/file=/etc/passwd", {"headers": {"Range": "bytes=0-9-5"}}),
    ("GET", "/speech/x.wav", {"headers": {"Range": "bytes=0-1,3-4"}}),
    ("DELETE", "/v1/audio/voices/..%2f..", {}),
]
"""Method, path, and what is sent."""
_WAYS = [_hosted, _hosted, _cloned, _left, _left, _uploaded, _hostile, _hostile, _silent]


def _ask(url: str, seed: int, end: float, outcomes: Counter[str]) -> None:
    chance = random.Random(seed)
    while time.monotonic() < end:
        try:
            outcomes[chance.choice(_WAYS)(url, chance)] += 1
        except Exception as error:  # noqa: BLE001  (whatever comes is counted)
            outcomes[type(error).__name__] += 1
        time.sleep(chance.uniform(0, 2 * _PAUSE))


def _sampled(server: Server, end: float) -> list[Held]:
    samples = []
    while time.monotonic() < end:
        time.sleep(_SAMPLED_EVERY)
        samples.append(Held.by(server))
        print(samples[-1], flush=True)
    return samples


def _faults(log: str) -> Counter[str]:
    """The last lines of tracebacks in a log."""
    return Counter(re.findall(r"^Traceback .*\n(?:(?: .*)?\n)*(\S.*)", log, re.MULTILINE))


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    with tempfile.TemporaryDirectory() as folder:
        server = Server(
            Path(folder),
            VOXCPM_MODEL="preview",
            VOXCPM_RATE_LIMIT="",
            VOXCPM_KEEP_SECONDS=str(_KEEP_SECONDS),
            TMPDIR=folder,
        )
        server.wait_for_page().wait_until_ready()
        end, outcomes = time.monotonic() + 60 * minutes, Counter()
        askers = [
            threading.Thread(target=_ask, args=(server.url, seed, end, outcomes))
            for seed in range(_ASKERS)
        ]
        for asker in askers:
            asker.start()
        samples = _sampled(server, end)
        for asker in askers:
            asker.join()
        server.stop()
        print("answers:", dict(outcomes), "faults:", dict(_faults(server.log)))
    _compare(samples)


def _compare(samples: list[Held]) -> None:
    per_minute = 60 / _SAMPLED_EVERY
    after = int(_WARM_UP * per_minute)
    count = int(_COMPARED * per_minute)
    print(
        f"\n| held | minutes {_WARM_UP}-{_WARM_UP + _COMPARED} | last {_COMPARED} minutes | ratio |"
    )
    print("|-|-|-|-|")
    for name in asdict(samples[0]):
        first, last = (
            statistics.median(getattr(held, name) for held in part)
            for part in (samples[after : after + count], samples[-count:])
        )
        print(f"| {name} | {first:.0f} | {last:.0f} | {last / max(first, 1):.2f} |")


if __name__ == "__main__":
    main()
