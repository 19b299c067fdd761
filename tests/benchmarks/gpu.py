"""Measures VoxCPM2 on a CUDA card: python -m tests.benchmarks.gpu FOLDER [PART ...].

FOLDER holds a checkpoint; one of the real size with random weights is written where it has none,
and a generation of such a one goes on for as many patches as are asked for. Each part runs in a
process of its own and prints lines of JSON; without names all run, one after the other.
"""

import argparse
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.full_size_checkpoint import write_full_size_checkpoint
from tests.benchmarks.gpu_exactness import measure_exactness
from tests.benchmarks.gpu_profile import profile_launches, profile_parts
from tests.benchmarks.gpu_requests import (
    card_memory_mib,
    measure_alternating,
    measure_one,
    measure_processes,
    tell,
)
from voxcpm_space.engine.loading import load_voxcpm
from voxcpm_space.engine.model import Model

CLIP_SECONDS, MOST_PROCESSES = 10, 8
TIME_LIMITS = {
    "exact": 120,
    "requests graphs": 120,
    "processes graphs": 150,
    "profile graphs": 60,
    "requests fused": 180,
    "profile fused": 60,
    "requests voxcpm": 240,
    "profile voxcpm": 90,
    "requests compiled": 600,
}
"""Seconds for each part, in the order in which they run."""


def loaded(arguments: argparse.Namespace, way: str) -> Model:
    """As it comes from voxcpm, with our layers, with our graphs too, or compiled by voxcpm."""
    started = time.perf_counter()
    options = {"optimized": way == "compiled", "cuda_graphs": way == "graphs"}
    model = Model(arguments.folder, arguments.device, **options)
    if way == "voxcpm":
        model._voxcpm = load_voxcpm(arguments.folder, arguments.device)
    prepared = time.perf_counter() - started
    model.warm_up()
    ready = time.perf_counter() - started
    tell(way=way, load_s=round(prepared, 1), warm_s=round(ready, 1), memory=card_memory_mib())
    return model


def requests(arguments: argparse.Namespace, way: str) -> None:
    model = loaded(arguments, way)
    for clip_seconds in (0, CLIP_SECONDS):
        measure_one(model, way, clip_seconds, arguments.patches)
    measure_alternating(model, way, arguments.requests)


def profile(arguments: argparse.Namespace, way: str) -> None:
    model = loaded(arguments, way)
    profile_parts(model, way)
    profile_launches(model, way)


def processes(arguments: argparse.Namespace, way: str) -> None:
    folder, device = arguments.folder, arguments.device
    measure_processes(folder, device, way, arguments.processes, arguments.patches)


def exact(arguments: argparse.Namespace, _way: str) -> None:
    measure_exactness(arguments.folder, arguments.device)


KINDS: dict[str, Callable[[argparse.Namespace, str], None]] = {
    "exact": exact,
    "requests": requests,
    "profile": profile,
    "processes": processes,
}


def run_here(arguments: argparse.Namespace, part: str) -> None:
    warnings.filterwarnings("ignore", ".*weight_norm", FutureWarning)
    kind, _, way = part.partition(" ")
    KINDS[kind](arguments, way)


def run_apart(arguments: argparse.Namespace, part: str) -> None:
    print(f"\n{part}", flush=True)
    options = [option for option in sys.argv[2:] if option not in arguments.parts]
    command = [sys.executable, "-m", __spec__.name, sys.argv[1], part, "--here", *options]
    try:
        run = subprocess.run(command, check=False, timeout=TIME_LIMITS[part])
    except subprocess.TimeoutExpired:
        print(f"not ended within {TIME_LIMITS[part]} s", flush=True)
    else:
        print(f"ended with {run.returncode}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("parts", nargs="*", default=list(TIME_LIMITS))
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--patches", type=int, default=63, help="of one request: 10 s of audio")
    parser.add_argument("--requests", type=int, default=100, help="of different lengths")
    parser.add_argument("--processes", type=int, default=MOST_PROCESSES)
    parser.add_argument("--here", action="store_true", help="in this process")
    arguments = parser.parse_args()
    if not (arguments.folder / "model.safetensors").is_file():
        arguments.folder.mkdir(parents=True, exist_ok=True)
        write_full_size_checkpoint(arguments.folder)
    for part in arguments.parts:
        run = run_here if arguments.here else run_apart
        run(arguments, part)


if __name__ == "__main__":
    main()
