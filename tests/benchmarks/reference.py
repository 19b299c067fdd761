"""Measures what a known reference clip saves: python -m tests.benchmarks.reference.

Each clip is new to the engine at its first request and known at its second; the preview voice.
"""

import statistics
import time

import numpy as np

from voxcpm_space.audio import ENCODER_SAMPLE_RATE
from voxcpm_space.engine import Engine, GenerationRequest
from voxcpm_space.settings import Settings

CLIP_SECONDS = 20
CLIPS = 10
TRANSCRIPT = "What is said in the clip."


def first_audio(engine: Engine, request: GenerationRequest) -> float:
    """Seconds until the first patch."""
    started = time.perf_counter()
    patches = engine.stream(request)
    next(patches)
    seconds = time.perf_counter() - started
    patches.close()
    return seconds


def main() -> None:
    engine = Engine(Settings(model="preview", device="cpu"))
    engine.load()
    random = np.random.default_rng(0)
    print(f"First audio with a clip of {CLIP_SECONDS} s, median of {CLIPS} clips")
    for transcript in ("", TRANSCRIPT):
        first, second = [], []
        for _ in range(CLIPS + 1):
            clip = 0.1 * random.standard_normal(CLIP_SECONDS * ENCODER_SAMPLE_RATE)
            request = GenerationRequest(
                "Hello there.", 1, 2.0, 10, clip.astype(np.float32), transcript
            )
            first.append(first_audio(engine, request))
            second.append(first_audio(engine, request))
        # The first clip warms up.
        new, known = statistics.median(first[1:]), statistics.median(second[1:])
        print(
            f"  {'with' if transcript else 'without'} a transcript: new clip {1000 * new:.0f} ms, "
            f"known clip {1000 * known:.0f} ms, ratio {known / new:.2f}"
        )


if __name__ == "__main__":
    main()
