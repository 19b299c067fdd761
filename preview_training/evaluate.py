"""Measure a checkpoint: python -m preview_training.evaluate FOLDER.

Sentences and reference clips are unseen in training, the seeds are fixed, each sentence is said
once and every take counts.
"""

import argparse
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from voxcpm.model.voxcpm2 import VoxCPM2Model

from preview_training import hearing, recognition
from preview_training.formants import formant_ratio

_HERE = Path(__file__).parent
_CLIPS = _HERE.parent / "examples" / "clips"
_UNSEEN_CLIPS = (
    "scottish-male-awb",
    "english-female-slt",
    "italian-male-pc",
    "italian-female-lp",
    "russian-male-nsh",
    "finnish-female-lj",
)
_LEVELS_DBFS = (-36, -24, -16)
_PARTS = ("source", "words", "references", "pitch", "speed")
_LOWEST, _HIGHEST = 90, 220  # Hz, of the clips whose pitch must be followed
_OF_PITCH = "The door is open, and the lights are on."
_DESCRIPTIONS = "an old man with a deep voice", "a man", "a young woman", "a child"
Samples = NDArray[np.floating]


class Voice:
    """A checkpoint as the voxcpm package runs it: 10 steps, CFG 2.0."""

    def __init__(self, folder: Path) -> None:
        self._model = VoxCPM2Model.from_local(str(folder), optimize=False, device="cpu")

    def say(self, text: str, seed: int, reference: str = "") -> Samples:
        """Samples at 16 kHz."""
        torch.manual_seed(seed)
        made = self._model.generate(
            target_text=text,
            reference_wav_path=reference,
            inference_timesteps=10,
            cfg_value=2.0,
            max_len=250,
        )
        return hearing.at_16_khz(made[0].numpy(), self._model.sample_rate)

    @torch.inference_mode()
    def reconstruct(self, samples: Samples) -> Samples:
        """Samples at 16 kHz through the AudioVAE's encoder and decoder."""
        inputs = torch.from_numpy(samples.astype(np.float32))[None, None]
        made = self._model.audio_vae.decode(self._model.audio_vae.encode(inputs, recognition.RATE))
        return hearing.at_16_khz(made[0, 0].numpy(), self._model.sample_rate)


def synthesize(text: str, voice: str, wav: Path) -> Samples:
    command = ["flite", "-voice", voice, "-t", text, "-o", str(wav)]
    subprocess.run(command, check=True, capture_output=True)
    samples, rate = soundfile.read(wav)
    return hearing.at_16_khz(samples, rate)


def at_level(samples: Samples, dbfs: float) -> Samples:
    return np.clip(samples * 10 ** (dbfs / 20) / np.sqrt(np.mean(samples**2)), -1, 1)


def reference_clips(folder: Path) -> dict[str, Path]:
    """Clips of voices that were not trained on: the repository's, and one low one."""
    low = folder / "english-male-kal16.wav"
    said = synthesize("The old ferry leaves at noon, and the wind is cold.", "kal16", low)
    soundfile.write(low, at_level(said, -24), recognition.RATE)
    return {name: _CLIPS / f"{name}.wav" for name in _UNSEEN_CLIPS} | {low.stem: low}


def word_error_rate(
    sentences: list[str], speak: Callable[[int, str], Samples]
) -> tuple[float, float]:
    """Word error rate, and median pitch of the speech in Hz."""
    wrong, expected, pitches = 0, 0, []
    for number, sentence in enumerate(sentences):
        samples = speak(number, sentence)
        heard = recognition.words(samples)
        errors, count = recognition.word_errors(sentence, heard)
        wrong, expected = wrong + errors, expected + count
        pitches.append(hearing.median_pitch(samples))
        print(f"{number + 1}: {wrong}/{expected} {' '.join(heard)}", file=sys.stderr, flush=True)
    return wrong / expected, float(np.median(pitches))


def report_words(
    voice: Voice,
    sentences: list[str],
    clips: dict[str, Path],
    folder: Path,
    parts: Collection[str],
) -> None:
    wav = folder / "said.wav"
    paths = [str(path) for path in clips.values()]
    cases: dict[tuple[str, str], Callable[[int, str], Samples]] = {
        ("source", "the synthesizer (flite rms)"): lambda _, text: synthesize(text, "rms", wav),
        ("source", "its speech through the AudioVAE"): lambda _, text: voice.reconstruct(
            synthesize(text, "rms", wav)
        ),
        ("words", "no reference"): lambda seed, text: voice.say(text, seed),
        ("references", "unseen references"): lambda seed, text: voice.say(
            text, seed, paths[seed % len(paths)]
        ),
    }
    print("| speech | WER | n | median F0 |\n|-|-|-|-|", flush=True)
    for (part, name), speak in cases.items():
        if part in parts:
            rate, pitch = word_error_rate(sentences, speak)
            print(f"| {name} | {rate:.2f} | {len(sentences)} | {pitch:.0f} Hz |", flush=True)


def report_pitch(voice: Voice, plain: Samples, clips: dict[str, Path], folder: Path) -> None:
    """Plain is what the voice says without a reference."""
    levels = " | ".join(f"{x} dBFS" for x in _LEVELS_DBFS)
    print(f"\n| unseen reference | its F0 | {levels} | formants |")
    print("|-|-|" + "-|" * len(_LEVELS_DBFS) + "-|", flush=True)
    ratios = []
    for name, path in clips.items():
        samples, rate = soundfile.read(path)
        samples = hearing.at_16_khz(samples, rate)
        wanted = hearing.median_pitch(samples)
        followed = []
        for level in _LEVELS_DBFS:
            leveled = folder / "leveled.wav"
            soundfile.write(leveled, at_level(samples, level), recognition.RATE)
            said = voice.say(_OF_PITCH, 7, str(leveled))
            followed.append(hearing.median_pitch(said) / wanted)
        if _LOWEST <= wanted <= _HIGHEST:
            ratios += followed
        columns = " | ".join(f"{x:.2f}" for x in (*followed, formant_ratio(said, plain)))
        print(f"| {name} | {wanted:.0f} Hz | {columns} |", flush=True)
    off = np.abs(np.array(ratios) - 1)
    print(
        f"\nF0 of output / F0 of reference: off by {off.mean():.0%} on average, {off.max():.0%} at "
        f"most; {np.mean(off <= 0.15):.0%} of {len(off)} takes within 15 %",
        flush=True,
    )


def report_descriptions(voice: Voice, plain: Samples) -> None:
    print("\n| description | F0 | formants |\n|-|-|-|", flush=True)
    for description in _DESCRIPTIONS:
        said = voice.say(f"({description}){_OF_PITCH}", 7)
        pitch, formants = hearing.median_pitch(said), formant_ratio(said, plain)
        print(f"| {description} | {pitch:.0f} Hz | {formants:.2f} |", flush=True)


def report_speed(voice: Voice, sentences: list[str]) -> None:
    for threads in (1, 2):
        torch.set_num_threads(threads)
        voice.say(sentences[0], 0)  # warms up
        started, worked, seconds = time.perf_counter(), time.process_time(), 0.0
        for seed, sentence in enumerate(itertools.islice(sentences, 8)):
            seconds += len(voice.say(sentence, seed)) / recognition.RATE
        rtf = (time.perf_counter() - started) / seconds
        work = (time.process_time() - worked) / seconds
        print(
            f"RTF with {threads} threads, 10 steps: {rtf:.2f}, {work:.2f} s of processor time for "
            "a second of speech",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sentences", type=int, default=104)
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    sentences = (_HERE / "held_out.txt").read_text("utf-8").splitlines()[: given.sentences]
    voice = Voice(given.folder)
    with TemporaryDirectory() as name:
        folder = Path(name)
        clips = reference_clips(folder)
        report_words(voice, sentences, clips, folder, given.parts)
        if "pitch" in given.parts:
            plain = voice.say(_OF_PITCH, 7)
            report_pitch(voice, plain, clips, folder)
            report_descriptions(voice, plain)
    if "speed" in given.parts:
        report_speed(voice, sentences)
    sizes = {path.name: path.stat().st_size / 1e6 for path in sorted(given.folder.iterdir())}
    print(
        ", ".join(f"{name} {size:.1f} MB" for name, size in sizes.items() if size > 0.1),
        f"together {sum(sizes.values()):.1f} MB",
        sep="; ",
    )


if __name__ == "__main__":
    main()
