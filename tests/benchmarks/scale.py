"""Measures what a second model on the same machine gives: python -m tests.benchmarks.scale.

Engines with 1 and with 2 models of the preview voice take turns with the same requests, as many at
once as callers; what counts is the ratio.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np

from voxcpm_space.engine import Engine, GenerationRequest
from voxcpm_space.settings import Settings

TEXT = "The train was late again. We have to wait here for a while. Please take a seat."
CALLERS, REQUESTS, ROUNDS = 8, 24, 5


def audio_seconds(engine: Engine, seed: int) -> float:
    outputs = engine.stream(GenerationRequest(TEXT, seed, cfg_value=2.0, dit_steps=10))
    samples = sum(len(output) for output in outputs if isinstance(output, np.ndarray))
    return samples / engine.sample_rate


def throughput(engine: Engine) -> float:
    """Seconds of audio made in a second."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as pool:
        made = sum(pool.map(lambda seed: audio_seconds(engine, seed), range(REQUESTS)))
    return made / (time.perf_counter() - started)


def main() -> None:
    with ExitStack() as stack:
        engines = {}
        for replicas in (1, 2):
            engine = Engine(Settings(model="preview", device="cpu", replicas=replicas))
            stack.callback(engine.stop, 0)
            engine.load()
            engines[replicas] = engine
        rounds: dict[int, list[float]] = {replicas: [] for replicas in engines}
        for _ in range(ROUNDS):
            for replicas, engine in engines.items():
                rounds[replicas].append(throughput(engine))
    for replicas, rates in rounds.items():
        ratio = statistics.median(map(float.__truediv__, rates, rounds[1]))
        print(
            f"{replicas} models: {statistics.median(rates):5.1f} s of audio a second "
            f"({min(rates):.1f} to {max(rates):.1f}), {ratio:.2f} x"
        )


if __name__ == "__main__":
    main()
