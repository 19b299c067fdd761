"""Measures what our path adds to the engine alone: python -m tests.benchmarks.overhead.

The same takes go through the engine in this process and through each door of a server on loopback,
by turns, on the preview voice.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from gradio_client import Client

from tests.e2e.server import Server
from voxcpm_space.engine import Engine, Take
from voxcpm_space.settings import Settings

TEXT = "The train was late again. We have to wait here for a while. Please take a seat."
TAKES = 12
PCM = {"model": "voxcpm2", "response_format": "pcm"}


def by_turns(ways: dict[str, Callable[[int], float]]) -> dict[str, list[float]]:
    """Seconds of each way for each seed; the first round warms up and does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for seed in range(TAKES + 1):
        for name, way in ways.items():
            seconds[name].append(way(seed))
    return {name: taken[1:] for name, taken in seconds.items()}


def show(title: str, seconds: dict[str, list[float]], alone: str) -> None:
    print(f"\n{title}, median of {TAKES}")
    base = statistics.median(seconds[alone])
    for name, taken in seconds.items():
        median = statistics.median(taken)
        spread = statistics.quantiles(taken, n=4)
        print(
            f"  {name:<18}{1000 * median:7.0f} ms   {median / base:5.2f} x   "
            f"{1000 * (median - base):+6.0f} ms   (quartiles {1000 * spread[0]:.0f}, "
            f"{1000 * spread[2]:.0f})"
        )


def main() -> None:
    engine = Engine(Settings(model="preview", device="cpu"))
    engine.load()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), VOXCPM_MODEL="preview", VOXCPM_RATE_LIMIT="")
        server.wait_for_page().wait_until_ready()
        client = Client(server.url, verbose=False)
        http = httpx.Client(base_url=server.url, timeout=120)

        # A server's takes run in threads of a pool; torch is not equally fast in the main thread.
        pool = ThreadPoolExecutor(1)

        def timed(work: Callable[[int], object]) -> Callable[[int], float]:
            def measure(seed: int) -> float:
                started = time.perf_counter()
                pool.submit(work, seed).result()
                return time.perf_counter() - started

            return measure

        def take(seed: int) -> Take:
            return Take(TEXT, seed, cfg_value=2.0, dit_steps=10)

        def hosted(seed: int) -> None:
            fields = {"text": TEXT, "seed": seed}
            http.post("/voxcpm/v1/text-to-speech", json=fields).raise_for_status()

        def endpoint(seed: int) -> None:
            client.predict(text=TEXT, seed=seed, api_name="/text-to-speech")

        def first_patch(seed: int) -> None:
            stream = engine.stream(take(seed))
            next(stream)
            stream.close()

        def first_bytes(_: int) -> None:
            fields = PCM | {"input": TEXT}
            with http.stream("POST", "/v1/audio/speech", json=fields) as answer:
                next(answer.iter_bytes())

        alone = "engine alone"
        whole = {
            alone: timed(lambda seed: list(engine.stream(take(seed)))),
            "hosted API": timed(hosted),
            "Gradio endpoint": timed(endpoint),
        }
        first = {alone: timed(first_patch), "OpenAI API": timed(first_bytes)}
        try:
            show("Whole take", by_turns(whole), alone)
            show("First audio", by_turns(first), alone)
        finally:
            client.close()
            http.close()
            server.stop()


if __name__ == "__main__":
    main()
