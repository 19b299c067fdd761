"""Measures VoxCPM2 on a CUDA card: python -m tests.benchmarks.gpu [MODEL].

MODEL is a Hub id or a folder, openbmb/VoxCPM2 where none is given. Uncompiled and compiled, each
with one caller and with four at once, who are served one after the other.
"""

import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from voxcpm_space.engine import Engine, GenerationRequest, QueuePosition
from voxcpm_space.engine.checkpoint import HUB_ID
from voxcpm_space.settings import Settings

TAKES = 8
TEXT = "The train was late again. We have to wait here for a while. Please take a seat."


def take_times(engine: Engine, seed: int) -> tuple[float, float, float]:
    """Seconds until the first patch, until the last, and of audio."""
    started, first, samples = time.perf_counter(), 0.0, 0
    for item in engine.stream(GenerationRequest(TEXT, seed, cfg_value=2.0, dit_steps=10)):
        if not isinstance(item, QueuePosition):
            first = first or time.perf_counter() - started
            samples += len(item)
    return first, time.perf_counter() - started, samples / engine.sample_rate


def memory_mib() -> str:
    """Of all cards, as the driver counts it: the model is in another process."""
    query = ["nvidia-smi", "--query-gpu=name,memory.used", "--format=csv,noheader"]
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()


def measure(model: str, *, compiled: bool) -> None:
    started = time.perf_counter()
    engine = Engine(Settings(model=model, device="cuda", compile=compiled))
    engine.load()
    print(
        f"\n{'compiled' if compiled else 'uncompiled'}: speaks after "
        f"{time.perf_counter() - started:.0f} s"
    )
    for callers in (1, 4):
        with ThreadPoolExecutor(callers) as pool:
            started = time.perf_counter()
            times = list(pool.map(lambda seed: take_times(engine, seed), range(TAKES)))
            whole = time.perf_counter() - started
        audio = sum(seconds for _, _, seconds in times)
        print(
            f"  {callers} at once: RTF of all {whole / audio:.3f}, first audio "
            f"{1000 * statistics.median(first for first, _, _ in times):.0f} ms"
        )
    print(f"  memory: {memory_mib()}")
    engine.stop(grace_seconds=0)


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else HUB_ID
    for compiled in (False, True):
        measure(model, compiled=compiled)


if __name__ == "__main__":
    main()
