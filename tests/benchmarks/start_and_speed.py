"""Measures start and speed of the preview voice: python -m tests.benchmarks.start_and_speed.

The RTF of our whole path (request to finished file) stands beside that of the engine alone in the
same process, so that their ratio is our overhead.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

from tests.e2e.server import Server
from voxcpm_space.engine import Engine, Take
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio, finished

TEXT = "The train was late again. We have to wait here for a while. Please take a seat."
TAKES = 5


def seconds_to_page() -> tuple[float, float]:
    """Seconds from `python app.py` to a page that answers, and to a model that can speak."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        server = Server(Path(folder), VOXCPM_MODEL="preview")
        try:
            server.wait_for_page()
            page = time.monotonic() - started
            server.wait_until_ready()
            return page, time.monotonic() - started
        finally:
            server.stop()


def main() -> None:
    page, ready = seconds_to_page()
    print(f"page answers after {page:.1f} s, speaks after {ready:.1f} s")

    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        settings = Settings(model="preview", device="cpu")
        engine = Engine(settings)
        engine.load()
        studio = Studio(settings, engine, Outputs(settings.keep_seconds))
        alone, whole, first = [], [], []
        for seed in range(TAKES + 1):
            started = time.perf_counter()
            samples = 0
            for patch in engine.stream(Take(TEXT, seed, cfg_value=2.0, dit_steps=10)):
                if not samples:
                    first.append(time.perf_counter() - started)
                samples += len(patch)
            alone.append((time.perf_counter() - started) * engine.sample_rate / samples)
            speech = finished(studio.speak({"text": TEXT, "seed": seed}))
            whole.append(speech.elapsed / speech.seconds)
    # The first take warms up.
    engine_rtf, studio_rtf = statistics.median(alone[1:]), statistics.median(whole[1:])
    print(f"TTFA of the engine {1000 * statistics.median(first[1:]):.0f} ms")
    print(f"RTF of the engine {engine_rtf:.3f}, of the whole path {studio_rtf:.3f}")
    print(f"whole path / engine: {studio_rtf / engine_rtf:.2f}")


if __name__ == "__main__":
    main()
