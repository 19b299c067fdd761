"""Measures the start beside Gradio's import: python -m tests.benchmarks.startup.

By turns, with the files in the system's cache: `import gradio` and our imports, each in a process
of its own, and `python app.py` with the preview, to its page, its model and its first audio.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.e2e.server import Server

ROUNDS = 3
GRADIO, OURS = "import gradio", "import spaces; import voxcpm_space.launch"
MODEL = "import voxcpm_space.engine.model"
PCM = {"model": "voxcpm2", "response_format": "pcm", "input": "Hello there."}
_LINE = re.compile(r"import time: +\d+ \| +(\d+) \| ( *)(\S+)")


def seconds_of_import(statement: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-W", "ignore", "-c", statement], check=True)
    return time.perf_counter() - started


def start() -> dict[str, float]:
    """Seconds from `python app.py` to each step."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        server = Server(Path(folder), VOXCPM_MODEL="preview", VOXCPM_ASR_MODEL="")
        seconds = {}
        try:
            server.wait_for_page()
            seconds["page served"] = time.perf_counter() - started
            server.wait_until_ready()
            seconds["model loaded"] = time.perf_counter() - started
            with httpx.stream("POST", f"{server.url}/v1/audio/speech", json=PCM) as answer:
                next(answer.iter_bytes())
            seconds["first audio"] = time.perf_counter() - started
        finally:
            server.stop()
        return seconds


def slowest_imports(statement: str, most: int = 12) -> list[tuple[str, float]]:
    """Modules with the seconds that they need with all that they import, outermost first."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-X", "importtime", "-c", statement],
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = [
        (name, int(us) / 1e6) for us, depth, name in _LINE.findall(run.stderr) if len(depth) < 6
    ]
    return sorted(found, key=lambda item: -item[1])[:most]


def main() -> None:
    taken: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        steps = {statement: seconds_of_import(statement) for statement in (GRADIO, OURS, MODEL)}
        for name, seconds in (steps | start()).items():
            taken.setdefault(name, []).append(seconds)
    base = statistics.median(taken[GRADIO])
    print(f"Seconds, median of {ROUNDS} (least to most), and against {GRADIO!r}")
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        spread = f"({min(seconds):.1f} to {max(seconds):.1f})"
        print(f"  {name:<42}{median:6.1f} {spread:<16}{median / base:5.2f} x")
    for statement in (OURS, MODEL):
        print(f"\nSlowest of {statement!r}")
        for name, seconds in slowest_imports(statement):
            print(f"  {name:<42}{seconds:6.2f}")


if __name__ == "__main__":
    main()
