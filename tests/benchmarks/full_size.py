"""Measures VoxCPM2 at its real size on this CPU: python -m tests.benchmarks.full_size [FOLDER].

The weights are random, which changes neither speed nor memory; FOLDER keeps them for the next run.
voxcpm's own way and ours run by turns, each in a process of its own. It needs 7 GB of disk and
14 GB of memory, and a machine that nobody else uses.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from voxcpm.model.voxcpm2 import VoxCPM2Model

from tests.benchmarks.full_size_checkpoint import write_full_size_checkpoint
from voxcpm_space.engine import GenerationRequest, loading
from voxcpm_space.engine.cpu.process_tuning import limit_thread_spinning
from voxcpm_space.engine.model import Model
from voxcpm_space.schemas import EVALUATIONS

PATCHES, PATCH_SECONDS, ROUNDS = 8, 0.16, 1
TEXT = "The train was late again. We have to wait here for a while."
OF_THE_SHELL = dict(os.environ)
AS_IT_IS: dict[str, str] = {}
AVX512 = {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_VNNI"}
AVX2 = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "FBGEMM_ENABLE_INSTRUCTIONS": "AVX2",
}
"""Hide instructions of a CPU: those for bfloat16, or all that most laptops lack."""
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "voxcpm, as it comes": ("voxcpm", AS_IT_IS),
    "ours, bfloat16": ("ours", AS_IT_IS),
    "ours, int8": ("int8", AS_IT_IS),
    "ours, int8, standard": ("int8 standard", AS_IT_IS),
    "ours, int8, draft": ("int8 draft", AS_IT_IS),
    "AVX-512: voxcpm": ("voxcpm", AVX512),
    "AVX-512: ours, float32": ("float32", AVX512),
    "AVX-512: ours, int8": ("int8", AVX512),
    "AVX2: voxcpm": ("voxcpm", AVX2),
    "AVX2: ours, float32": ("float32", AVX2),
    "AVX2: ours, int8": ("int8", AVX2),
    "AVX2: ours, int8, draft": ("int8 draft", AVX2),
}
"""Each CPU begins with voxcpm's own way, which the others are compared with. The first way in int8
computes the weights and keeps them in FOLDER, the later ones read them: a second load.
"""


class Clock:
    """Seconds on the clock and of the CPU since it was last asked."""

    def __init__(self) -> None:
        self._last = self._now()

    def __call__(self) -> tuple[float, float]:
        before, self._last = self._last, self._now()
        return self._last[0] - before[0], self._last[1] - before[1]

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()


def voxcpms_way(folder: Path) -> Iterator[object]:
    """Gives the model when it is loaded, then patch by patch."""
    model = VoxCPM2Model.from_local(str(folder), optimize=False, device="cpu")
    yield model
    yield from model.generate_with_prompt_cache_streaming(TEXT, None, min_len=1000)


def our_way(folder: Path, kind: str) -> Iterator[object]:
    """The same."""
    dtype, _, quality = kind.partition(" ")
    if dtype == "float32":
        loading.has_native_bfloat16 = lambda: False
    model = Model(folder, "cpu", int8=dtype == "int8")
    yield model
    request = GenerationRequest(TEXT, 0, cfg_value=2.0, dit_steps=10)
    if quality:
        request = replace(request, dit_steps=EVALUATIONS[quality], solver="adams-bashforth")
    yield from model.stream(request)


def weights_gb(folder: Path, kind: str) -> float:
    """In the number format that they are used in, as far as files in bfloat16 tell."""
    factor = {"float32": 2.0, "int8": 0.5}.get(kind.partition(" ")[0], 1.0)
    transformers, vae = (
        (folder / name).stat().st_size for name in ("model.safetensors", "audiovae.safetensors")
    )
    return (factor * transformers + vae) / 1e9


def peak_gb() -> float:
    """The most memory so far, with what of mapped files was in it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def measure(kind: str, folder: Path) -> None:
    """Prints what one process needs, as JSON: pairs of seconds, and GB."""
    way, clock = voxcpms_way(folder) if kind == "voxcpm" else our_way(folder, kind), Clock()
    with closing(way):
        next(way)
        load, loaded = clock(), peak_gb()
        patches = [clock() for _ in islice(way, PATCHES)]
    print(json.dumps({"load": load, "patches": patches, "loaded": loaded, "peak": peak_gb()}))


def measured(kind: str, environment: dict[str, str], folder: Path) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", __spec__.name, str(folder), kind],
        env=(OF_THE_SHELL if kind == "voxcpm" else os.environ) | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return json.loads(run.stdout) | {"weights": weights_gb(folder, kind)}


HEAD = (
    "                              s a patch (spread), of CPU |  RTF |   x |"
    " first patch | load: clock, CPU | GB: weights, loading, in all"
)


def show(name: str, runs: list[dict[str, Any]], base: float) -> float:
    """Prints a line and gives the seconds that a patch takes."""
    clock, cpu = zip(*(pair for run in runs for pair in run["patches"][1:]), strict=True)
    seconds = statistics.median(clock)
    rtf = seconds / PATCH_SECONDS
    first = statistics.median(run["patches"][0][0] for run in runs)
    load = [statistics.median(run["load"][which] for run in runs) for which in (0, 1)]
    loaded, peak = (max(run[when] for run in runs) for when in ("loaded", "peak"))
    print(
        f"{name:<28}{seconds:6.2f} ({min(clock):.2f} to {max(clock):.2f})"
        f"{statistics.median(cpu):10.2f} | {rtf:4.1f} | {(base or seconds) / seconds:3.1f} |"
        f"{first:8.2f}     | {load[0]:8.1f} {load[1]:8.1f} |"
        f"{runs[0]['weights']:6.1f} {loaded:6.1f} {peak:6.1f}",
        flush=True,
    )
    return seconds


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "model.safetensors").is_file():
        write_full_size_checkpoint(folder)
    limit_thread_spinning()  # for the processes of our way
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in WAYS}
    for _ in range(ROUNDS):
        for name, (kind, environment) in WAYS.items():
            runs[name].append(measured(kind, environment, folder))
            print(f"{name}: {runs[name][-1]}", file=sys.stderr, flush=True)
    print(f"{torch.cpu.get_capabilities()['cpu_name']}, {torch.get_num_threads()} threads\n{HEAD}")
    base = 0.0
    for name, measurements in runs.items():
        if WAYS[name][0] == "voxcpm":
            base = 0.0
        seconds = show(name, measurements, base)
        base = base or seconds


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(sys.argv[2], Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(sys.argv[1] if len(sys.argv) > 1 else temporary))
