"""Make clips of several voices at many pitches: python -m preview_training.clips SPEECH.

From them the encoder learns to hear the pitch of any voice. The voices that the evaluation clones
(flite's slt, awb and kal16, festival's lj, lp, pc and nsh) are not among them.
"""

import argparse
import pickle
import random
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyworld
import soundfile
import soxr

from preview_training import corpus, vocoder

CLIPS = 360
_VARIANTS = [
    "m1",
    "m2",
    "m3",
    "m4",
    "m5",
    "m7",
    "m8",
    "f1",
    "f2",
    "f3",
    "f4",
    "f5",
    "klatt",
    "klatt2",
    "klatt3",
    "klatt4",
    "steph",
    "michael",
]
_LANGUAGES = ["en-us", "en-gb", "de", "es", "it", "fr-fr", "pl", "nl"]


def _command(draw: random.Random, text: str, wav: Path) -> list[str]:
    kind = draw.random()
    if kind < 0.3:
        stretch = draw.choice(["0.9", "1.0", "1.1"])
        return [
            "flite",
            "-voice",
            "rms",
            "--setf",
            f"duration_stretch={stretch}",
            "-t",
            text,
            "-o",
            str(wav),
        ]
    if kind < 0.45:
        spoken = wav.with_suffix(".txt")
        spoken.write_text(text, "utf-8")
        return ["text2wave", "-eval", "(voice_hy_fi_mv_diphone)", "-o", str(wav), str(spoken)]
    voice = f"{draw.choice(_LANGUAGES)}+{draw.choice(_VARIANTS)}"
    return [
        "espeak-ng",
        "-v",
        voice,
        "-p",
        str(draw.randint(5, 95)),
        "-s",
        str(draw.randint(130, 190)),
        "-w",
        str(wav),
        text,
    ]


def make(text: str, seed: int) -> dict[str, Any]:
    """Samples (int16, 16 kHz) and F0 each 5 ms (Hz, 0 where unvoiced) of one clip."""
    draw = random.Random(seed)
    with TemporaryDirectory() as folder:
        wav = Path(folder, "clip.wav")
        run(_command(draw, text, wav), check=True, capture_output=True)
        samples, rate = soundfile.read(wav)
    samples = soxr.resample(samples, rate, vocoder.SAMPLE_RATE)
    speed = draw.uniform(0.8, 1.25)  # another pitch and another throat
    samples = soxr.resample(samples, vocoder.SAMPLE_RATE, vocoder.SAMPLE_RATE / speed)
    samples *= 0.2 / (np.sqrt(np.mean(samples**2)) + 1e-9) / 3
    f0, times = pyworld.dio(samples, vocoder.SAMPLE_RATE, frame_period=5.0, f0_floor=60)
    f0 = pyworld.stonemask(samples, f0, times, vocoder.SAMPLE_RATE)
    clipped = np.clip(samples, -1, 1)
    return {
        "text": text,
        "samples": (clipped * 32767).astype(np.int16),
        "f0": f0.astype(np.float32),
    }


def load(folder: Path) -> list[dict[str, Any]]:
    return pickle.loads((folder / "clips.pkl").read_bytes())


def median_pitch(clip: dict[str, Any]) -> float:
    voiced = clip["f0"][clip["f0"] > 0]
    return float(np.median(voiced)) if len(voiced) else 0.0


def evenly_by_pitch(clips: list[dict[str, Any]]) -> np.ndarray:
    """Odds of each clip with which low and high voices are drawn as often."""
    pitches = np.clip([median_pitch(clip) for clip in clips], 70, 270)
    bins = np.digitize(np.log(pitches), np.log(np.geomspace(75, 255, 12)))
    odds = 1 / np.bincount(bins)[bins]
    return odds / odds.sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    folder = parser.parse_args().speech
    texts = [one["text"] for one in corpus.load(folder, shards=2)]
    made = [make(texts[seed % len(texts)], seed) for seed in range(CLIPS)]
    (folder / "clips.pkl").write_bytes(pickle.dumps(made))
    pitches = [median_pitch(clip) for clip in made]
    print(f"{len(made)} clips, median pitches {np.percentile(pitches, [0, 10, 50, 90, 100])} Hz")


if __name__ == "__main__":
    main()
