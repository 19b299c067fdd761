"""What is asked of VoxCPM2 on a CUDA card, and how long it takes; a part of `gpu`."""

import json
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from voxcpm_space.engine import Engine, GenerationRequest
from voxcpm_space.engine.model import Model
from voxcpm_space.settings import Settings

PATCH_SECONDS, CLIP_RATE = 0.16, 16_000
TEXT = "The train was late again. We have to wait here for a while."
ROUNDS = 3


def take(
    text: str = TEXT, seed: int = 0, clip_seconds: float = 0, **more: Any
) -> GenerationRequest:
    """A clip is noise, which is not known from a generation before."""
    clip = np.random.default_rng(seed).normal(0, 0.1, int(clip_seconds * CLIP_RATE))
    reference = clip.astype(np.float32) if clip_seconds else None
    return GenerationRequest(text, seed, cfg_value=2.0, dit_steps=10, reference=reference, **more)


def arrivals(made: Iterator[Any], patches: int) -> list[float]:
    """Seconds from the start to each patch; the rest of a generation is left out."""
    times: list[float] = []
    started = time.perf_counter()
    for item in made:
        if isinstance(item, np.ndarray):
            times.append(time.perf_counter() - started)
        if len(times) == patches:
            break
    return times


def streamed(model: Model, what: GenerationRequest, patches: int) -> list[float]:
    with closing(model.stream(what)) as made:
        return arrivals(made, patches)


def milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)


def tell(**values: Any) -> None:
    print(json.dumps(values), flush=True)


def card_memory_mib() -> str:
    """Of all cards, as the driver counts it: models may be in other processes."""
    if shutil.which("nvidia-smi") is None:
        return "no card"
    query = ["nvidia-smi", "--query-gpu=name,memory.used", "--format=csv,noheader"]
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()


def measure_one(model: Model, way: str, clip_seconds: float, patches: int) -> None:
    """One request at a time; the first is not counted."""
    requests = [
        streamed(model, take(seed=seed, clip_seconds=clip_seconds), patches)
        for seed in range(ROUNDS + 1)
    ][1:]
    gaps = [later - sooner for times in requests for sooner, later in pairwise(times)]
    tell(
        way=way,
        clip_s=clip_seconds,
        patches=patches,
        rtf=round(statistics.median(times[-1] for times in requests) / patches / PATCH_SECONDS, 4),
        ttfa_ms=[milliseconds(times[0]) for times in requests],
        patch_ms=milliseconds(statistics.median(gaps)),
        slowest_patch_ms=milliseconds(max(gaps)),
    )


def measure_alternating(model: Model, way: str, count: int) -> None:
    """Requests of all lengths, every third one with a clip, one after the other."""
    chance, compiled = random.Random(0), compiled_graphs()
    started = time.perf_counter()
    requests = []
    for seed in range(count):
        text = "A" * chance.randint(5, 400)
        clip_seconds = 0 if seed % 3 else chance.uniform(2, 20)
        asked = take(text, seed, clip_seconds)
        requests.append(streamed(model, asked, patches=chance.randint(4, 24)))
    gaps = [later - sooner for times in requests for sooner, later in pairwise(times)]
    tell(
        way=way,
        alternating=count,
        seconds=round(time.perf_counter() - started, 1),
        patches=sum(map(len, requests)),
        slowest_first_ms=milliseconds(max(times[0] for times in requests)),
        slowest_patch_ms=milliseconds(max(gaps)),
        compiled_anew=compiled_graphs() - compiled,
    )


def compiled_graphs() -> int:
    """How often torch's compiler has compiled something in this process."""
    dynamo = sys.modules.get("torch._dynamo.utils")
    return 0 if dynamo is None else dynamo.counters["stats"]["unique_graphs"]


def measure_processes(folder: Path, device: str, way: str, most: int, patches: int) -> None:
    """Model processes that share the card, each with its own requests."""
    options = {"compile": way == "compiled", "cuda_graphs": way == "graphs"}
    engines = [Engine(Settings(model=str(folder), device=device, **options)) for _ in range(most)]
    started = time.perf_counter()
    with ThreadPoolExecutor(most) as pool:
        list(pool.map(lambda engine: engine.load(), engines))
        tell(way=way, processes=most, load_s=round(time.perf_counter() - started, 1))
        list(pool.map(partial(requested, 4), engines))
        for count in (count for count in (1, 2, 4, 8) if count <= most):
            measure_at_once(pool, engines[:count], way, patches)
    for engine in engines:
        engine.stop(grace_seconds=0)


def measure_at_once(
    pool: ThreadPoolExecutor, engines: list[Engine], way: str, patches: int
) -> None:
    started = time.perf_counter()
    requests = [
        times for of_one in pool.map(partial(requested, patches), engines) for times in of_one
    ]
    seconds = time.perf_counter() - started
    audio = PATCH_SECONDS * patches * len(requests)
    tell(
        way=way,
        at_once=len(engines),
        audio_s_a_second=round(audio / seconds, 2),
        rtf_of_each=round(seconds * len(engines) / audio, 4),
        ttfa_ms=milliseconds(statistics.median(times[0] for times in requests)),
        slowest_ttfa_ms=milliseconds(max(times[0] for times in requests)),
        memory=card_memory_mib(),
    )


def requested(patches: int, engine: Engine) -> list[list[float]]:
    """Two requests, one after the other."""
    times = []
    for seed in range(2):
        with closing(engine.stream(take(seed=seed))) as made:
            times.append(arrivals(made, patches))
    return times
