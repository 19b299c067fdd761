"""Measures the start beside Gradio's import: python -m tests.benchmarks.startup.

By turns: `import gradio` and our imports, each in a process of its own, and `python app.py` with
the preview, to its page, its model and its first audio; warm, with the files in the system's
cache, and cold, without.
"""

import os
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


def forget_files() -> None:
    """Lets the system's cache forget the files of Python's packages, as after a restart."""
    for file in Path(sys.prefix).rglob("*"):
        if file.is_file():
            with file.open("rb") as opened:
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


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


def show(title: str, rounds: list[dict[str, float]]) -> None:
    print(f"\n{title}: seconds, median of {ROUNDS} (least to most), and against {GRADIO!r}")
    base = statistics.median(steps[GRADIO] for steps in rounds)
    for name in rounds[0]:
        seconds = [steps[name] for steps in rounds]
        median = statistics.median(seconds)
        spread = f"({min(seconds):.1f} to {max(seconds):.1f})"
        print(f"  {name:<42}{median:6.1f} {spread:<16}{median / base:5.2f} x")


def main() -> None:
    warm_rounds, cold_rounds = [], []
    for _ in range(ROUNDS):
        steps = {statement: seconds_of_import(statement) for statement in (GRADIO, OURS, MODEL)}
        warm_rounds.append(steps | start())
        forget_files()
        gradio = {GRADIO: seconds_of_import(GRADIO)}
        forget_files()
        cold_rounds.append(gradio | start())
    show("Warm", warm_rounds)
    show("Cold", cold_rounds)
    for statement in (OURS, MODEL):
        print(f"\nSlowest of {statement!r}")
        for name, seconds in slowest_imports(statement):
            print(f"  {name:<42}{seconds:6.2f}")


if __name__ == "__main__":
    main()
