"""Throws damaged files at the decoders: python -m tests.benchmarks.fuzz_decoder SECONDS.

Needs `pip install atheris`, which has wheels for some Pythons only. Everything runs in one process,
FFmpeg too, so that a crash or a leak of either decoder ends the run; libFuzzer then leaves the file
in the current folder. The decoders are compiled without marks of coverage, so every file is one of
the tests' kinds, damaged one to eight times.
"""

import random
import sys

import atheris
import numpy as np

from tests.reference import files
from tests.reference.conftest import written_here
from voxcpm_space.errors import InputError
from voxcpm_space.reference import decode as decoding
from voxcpm_space.reference import ffmpeg_worker
from voxcpm_space.reference.prepare import MAX_PEAK, prepare

_SEED_SECONDS = 1.2
_MAX_BYTES = 500_000
_MEMORY_MB = 1_000
_FILE_SECONDS = 10
_REPORTED = 1_000

outcomes: dict[str, int] = {}
seeds: list[bytes] = []


def test_one(content: bytes) -> None:
    try:
        reference = prepare(decoding.decode(content), max_seconds=30)
    except InputError as refusal:
        said = str(refusal).split(".")[0]
    else:
        said = "usable" + (", with a warning" if reference.warnings else "")
        assert np.isfinite(reference.samples).all()
        assert np.abs(reference.samples).max() <= MAX_PEAK + 1e-6
        assert 1 <= len(reference.samples) / 16_000 <= 30
    outcomes[said] = outcomes.get(said, 0) + 1
    tried = sum(outcomes.values())
    if tried % _REPORTED == 0:
        print(tried, "files:", outcomes, flush=True)


def damaged(_content: bytes, max_size: int, seed: int) -> bytes:
    chance = random.Random(seed)
    content = chance.choice(seeds)
    for _ in range(chance.randint(1, 8)):
        content = atheris.Mutate(content, max_size)
    return content


def main() -> None:
    seconds = int(sys.argv[1])
    decoding._written_by_worker = written_here
    ffmpeg_worker.av.logging.set_level(None)
    time = np.arange(int(_SEED_SECONDS * files.RATE)) / files.RATE
    samples = (0.3 * np.sin(2 * np.pi * 300 * time)).astype(np.float32)
    seeds.extend(files.made(kind, samples) for kind in files.KINDS)
    limits = [f"-max_len={_MAX_BYTES}", f"-rss_limit_mb={_MEMORY_MB}"]
    limits += [f"-timeout={_FILE_SECONDS}", f"-max_total_time={seconds}"]
    atheris.Setup([sys.argv[0], *limits], test_one, custom_mutator=damaged)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
