"""Measures what our path adds to the engine alone: python -m tests.benchmarks.overhead.

The same requests go through an engine of its own and through each door of a server on loopback, by
turns, on the preview voice.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
from gradio_client import Client

from tests.e2e.server import Server
from voxcpm_space.engine import Engine, GenerationRequest
from voxcpm_space.settings import Settings

TEXT = "The train was late again. We have to wait here for a while. Please take a seat."
RUNS = 12
PCM = {"model": "voxcpm2", "response_format": "pcm"}


def by_turns(ways: dict[str, Callable[[int], float]]) -> dict[str, list[float]]:
    """Seconds of each way for each seed; the first round warms up and does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for seed in range(RUNS + 1):
        for name, way in ways.items():
            seconds[name].append(way(seed))
    return {name: taken[1:] for name, taken in seconds.items()}


def show(title: str, seconds: dict[str, list[float]], alone: str) -> None:
    print(f"\n{title}, median of {RUNS}")
    base = statistics.median(seconds[alone])
    for name, taken in seconds.items():
        median = statistics.median(taken)
        spread = statistics.quantiles(taken, n=4)
        print(
            f"  {name:<18}{1000 * median:7.0f} ms   {median / base:5.2f} x   "
            f"{1000 * (median - base):+6.0f} ms   (quartiles {1000 * spread[0]:.0f}, "
            f"{1000 * spread[2]:.0f})"
        )


class Ways:
    """The same request by engine, plain HTTP and gradio_client; each method takes a seed."""

    def __init__(self, engine: Engine, http: httpx.Client, client: Client) -> None:
        self._engine, self._http, self._client = engine, http, client

    def alone(self, seed: int) -> None:
        list(self._engine.stream(self._request(seed)))

    def hosted(self, seed: int) -> None:
        fields = {"text": TEXT, "seed": seed}
        self._http.post("/voxcpm/v1/text-to-speech", json=fields).raise_for_status()

    def endpoint(self, seed: int) -> None:
        self._client.predict(text=TEXT, seed=seed, api_name="/text-to-speech")

    def first_patch(self, seed: int) -> None:
        with closing(self._engine.stream(self._request(seed))) as stream:
            next(stream)

    def first_bytes(self, _: int) -> None:
        with self._http.stream("POST", "/v1/audio/speech", json=PCM | {"input": TEXT}) as answer:
            next(answer.iter_bytes())

    @staticmethod
    def _request(seed: int) -> GenerationRequest:
        return GenerationRequest(TEXT, seed, cfg_value=2.0, dit_steps=10)


def timed(way: Callable[[int], None]) -> Callable[[int], float]:
    def measure(seed: int) -> float:
        started = time.perf_counter()
        way(seed)
        return time.perf_counter() - started

    return measure


def main() -> None:
    engine = Engine(Settings(model="preview", device="cpu"))
    engine.load()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        server = Server(Path(folder), VOXCPM_MODEL="preview", VOXCPM_RATE_LIMIT="")
        stack.callback(server.stop)
        server.wait_for_page().wait_until_ready()
        http = stack.enter_context(httpx.Client(base_url=server.url, timeout=120))
        client = stack.enter_context(closing(Client(server.url, verbose=False)))
        ways = Ways(engine, http, client)
        alone = "engine alone"
        whole = {
            alone: timed(ways.alone),
            "hosted API": timed(ways.hosted),
            "Gradio endpoint": timed(ways.endpoint),
        }
        first = {alone: timed(ways.first_patch), "OpenAI API": timed(ways.first_bytes)}
        show("Whole take", by_turns(whole), alone)
        show("First audio", by_turns(first), alone)


if __name__ == "__main__":
    main()
