"""Measures what a second model on the same machine gives: python -m tests.benchmarks.scale.

An engine with 2 models of the preview voice, and then one with 2 on a Ray cluster where Ray is
installed, takes turns with an engine with 1 at the same requests, as many at once as callers; what
counts is the ratio. One after the other, since a cluster without work takes a tenth of a core. Then
each has 30 callers at once, is killed a model, and answers 1,000 requests while a model is killed
every 20 s.
"""

import importlib.util
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import numpy as np
import psutil

from tests.benchmarks.scale_faults import (
    SENTENCES,
    answers_under_fire,
    longest_wait,
    recovery_seconds,
)
from voxcpm_space.engine import Engine, GenerationRequest
from voxcpm_space.settings import Settings

CALLERS, REQUESTS, ROUNDS, FIRSTS = 8, 24, 3, 8


def audio_seconds(engine: Engine, seed: int) -> float:
    outputs = engine.stream(GenerationRequest(SENTENCES, seed, cfg_value=2.0, dit_steps=10))
    samples = sum(len(output) for output in outputs if isinstance(output, np.ndarray))
    return samples / engine.sample_rate


def throughput(engine: Engine) -> float:
    """Seconds of audio made in a second."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as pool:
        made = sum(pool.map(lambda seed: audio_seconds(engine, seed), range(REQUESTS)))
    return made / (time.perf_counter() - started)


def first_audio(engine: Engine, seed: int) -> float:
    """Seconds until the first audio of a request that need not wait."""
    started = time.perf_counter()
    with closing(engine.stream(GenerationRequest(SENTENCES, seed, 2.0, 10))) as outputs:
        next(output for output in outputs if isinstance(output, np.ndarray))
        return time.perf_counter() - started


def memory() -> float:
    """GB that this process and all below it take; what they share is counted once."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(process.memory_full_info().pss for process in processes) / 2**30


def kinds() -> dict[str, dict[str, object]]:
    """Settings of each kind of engine with several models."""
    of_this_machine = {"2 models": {"replicas": 2}}
    if not importlib.util.find_spec("ray"):
        return of_this_machine
    return of_this_machine | {"2 models, Ray": {"replicas": 2, "ray": "auto"}}


@contextmanager
def loaded(kind: str, **settings: object) -> Iterator[Engine]:
    """An engine, once all of its models are there."""
    before, started = memory(), time.perf_counter()
    engine = Engine(Settings(model="preview", device="cpu", **settings))
    try:
        engine.load()
        while engine._queue._concurrency != settings.get("replicas", 1):
            time.sleep(0.1)
        seconds, gigabytes = time.perf_counter() - started, memory() - before
        print(f"{kind}: there after {seconds:.0f} s, with {gigabytes:.1f} GB")
        yield engine
    finally:
        engine.stop(grace_seconds=0)


def main() -> None:
    with loaded("1 model") as alone:
        for kind, settings in kinds().items():
            with loaded(kind, **settings) as several:
                compare({"1 model": alone, kind: several})
                print_faults(kind, several)
        print_faults("1 model", alone)


def compare(engines: dict[str, Engine]) -> None:
    """Prints what engines make that take turns, beside what the first of them makes."""
    rates: dict[str, list[float]] = {kind: [] for kind in engines}
    delays: dict[str, list[float]] = {kind: [] for kind in engines}
    for _ in range(ROUNDS):
        for kind, engine in engines.items():
            delays[kind] += [first_audio(engine, seed) for seed in range(FIRSTS)]
            rates[kind].append(throughput(engine))
    first = next(iter(engines))
    for kind, its in rates.items():
        ratio = statistics.median(map(float.__truediv__, its, rates[first]))
        print(
            f"{kind}: {statistics.median(its):5.1f} s of audio a second "
            f"({min(its):.1f} to {max(its):.1f}), {ratio:.2f} x; "
            f"first audio after {1000 * statistics.median(delays[kind]):.0f} ms"
        )


def print_faults(kind: str, engine: Engine) -> None:
    models = engine._queue._concurrency
    print(f"{kind}: nobody of 30 waits more than {longest_wait(engine, models):.2f} x their turn")
    if models > 1:
        print(f"{kind}: a killed model is back after {recovery_seconds(engine):.1f} s")
        print(f"{kind}: of 1,000 requests, {dict(answers_under_fire(engine))}")


if __name__ == "__main__":
    main()
