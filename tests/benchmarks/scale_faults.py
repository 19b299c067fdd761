"""What callers notice of several models when they are many, and when models are killed."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from hashlib import sha256

import numpy as np
import psutil

from voxcpm_space.engine import Engine, GenerationRequest
from voxcpm_space.engine.pool import ModelPool
from voxcpm_space.errors import ModelLostError, NotReadyError

SHORT = "Yes, of course."
SENTENCES = "The train was late again. We have to wait here for a while. Please take a seat."
CALLERS, REQUESTS, SEEDS, KILL_SECONDS = 8, 1000, 10, 20.0
LOST = "told that a model was lost"


def samples(engine: Engine, seed: int, text: str = SHORT) -> bytes:
    request = GenerationRequest(text, seed, cfg_value=2.0, dit_steps=10)
    with closing(engine.stream(request)) as outputs:
        return b"".join(each.tobytes() for each in outputs if isinstance(each, np.ndarray))


def models_of(engine: Engine) -> list[psutil.Process]:
    """Processes that compute, or on a cluster the replicas, each of which has one."""
    if isinstance(engine._model, ModelPool):
        return [psutil.Process(each._process._process.pid) for each in engine._model._replicas]
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if "ServeReplica" in process.name()
    ]


def kill_one(engine: Engine, chance: random.Random) -> None:
    """Ends a model as a crash does."""
    with suppress(psutil.NoSuchProcess):
        chance.choice(models_of(engine)).kill()


def longest_wait(engine: Engine, models_at_work: int, callers: int = 30) -> float:
    """How many times its turn a caller has waited, at worst, where so many come at once.

    The turn of the k-th is when it would be done if all were served in order of coming, each in
    the same time. That is some seconds: beside a turn of 0.4 s, what 30 callers cost who come at
    once is a part of the first one.
    """
    started, done = time.perf_counter(), {}

    def ask(place: int) -> None:
        samples(engine, seed=1, text=SENTENCES)
        done[place] = time.perf_counter() - started

    with ThreadPoolExecutor(callers) as pool:
        for place in range(callers):
            pool.submit(ask, place)
            time.sleep(0.005)  # so that they come in this order
    each = max(done.values()) / (callers / models_at_work)
    return max(seconds / (each * (place // models_at_work + 1)) for place, seconds in done.items())


def recovery_seconds(engine: Engine) -> float:
    """Seconds from the loss of one of several models until as many as before can speak."""
    wanted = engine._queue._concurrency
    kill_one(engine, random.Random(1))
    started = time.perf_counter()
    while engine._queue._concurrency == wanted:
        time.sleep(0.01)
    while engine._queue._concurrency < wanted:
        time.sleep(0.01)
    return time.perf_counter() - started


def answers_under_fire(engine: Engine) -> Counter[str]:
    """Counts what callers are answered while a model is killed every 20 s.

    Who is told that a model was lost asks again, as the sentence says.
    """
    expected = [sha256(samples(engine, seed)).digest() for seed in range(SEEDS)]
    counts: Counter[str] = Counter()
    over = threading.Event()

    def ask(number: int) -> None:
        while (answer := answer_of(number)) == LOST:
            counts[answer] += 1
        counts[answer] += 1

    def answer_of(number: int) -> str:
        try:
            made = sha256(samples(engine, number % SEEDS)).digest()
        except (ModelLostError, NotReadyError):
            return LOST
        return "right" if made == expected[number % SEEDS] else "wrong"

    def fire() -> None:
        chance = random.Random(1)
        while not over.wait(KILL_SECONDS):
            kill_one(engine, chance)
            counts["killed"] += 1

    firing = threading.Thread(target=fire)
    firing.start()
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(ask, range(REQUESTS)))
    over.set()
    firing.join()
    return counts
