"""Measures how far weights of 8 bits lead away: python -m tests.benchmarks.int8 [MODEL].

MODEL is the folder of a VoxCPM2 checkpoint; without one the preview speaks. It says sentences that
the preview was not trained on in float32, in int8 and in bfloat16, each with the same noise, and in
float32 with other noise, which shows what is chance. The real VoxCPM2 needs 11 GB of memory, and an
hour on two cores.

Misheard words are those of Whisper base. Latents are compared in the first patch, before what was
said leads elsewhere. For how alike voices are no model of speakers is at hand: it is the cosine of
means and deviations of MFCCs, each measured from its mean over all clips in float32.
"""

import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soxr
import torch
import torchaudio
from numpy.typing import NDArray

from preview_training.recognition import RATE, word_error_rate
from voxcpm_space.engine import GenerationRequest, loading
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.model import Model
from voxcpm_space.engine.request import GenerationResult

SENTENCES = 20
HELD_OUT = Path(__file__).parents[2] / "preview_training" / "held_out.txt"
_OTHER_NOISE = 1000
_MFCCS, _MELS = 20, 40


@dataclass
class Spoken:
    """What a model said.

    Attributes:
        latents: Of the first patch of each sentence, each of shape (latents, channels).
        clips: At 16 kHz, each of shape (samples,).
    """

    latents: list[NDArray[np.float32]] = field(default_factory=list)
    clips: list[NDArray[np.float32]] = field(default_factory=list)


def say(model: Model, sentences: Sequence[str], first_seed: int = 0) -> Spoken:
    """Says each with a seed of its own."""
    spoken = Spoken()
    for seed, sentence in enumerate(sentences, first_seed):
        *patches, result = model.stream(GenerationRequest(sentence, seed, 2.0, 10))
        assert isinstance(result, GenerationResult)
        assert result.latents is not None
        spoken.latents.append(result.latents[0])
        spoken.clips.append(soxr.resample(np.concatenate(patches), model.sample_rate, RATE))
    return spoken


@contextmanager
def computing_in(dtype: str) -> Iterator[None]:
    """Loads a model in a number format that is not its own."""
    own, loading._usable = loading._usable, lambda *_, **__: dtype
    yield
    loading._usable = own


def voices(folder: Path, sentences: Sequence[str]) -> Iterator[tuple[str, Spoken]]:
    """Speaks in one way after another; only one model is in memory."""
    with computing_in("float32"):
        model = Model(folder, "cpu")
        yield "float32", say(model, sentences)
        yield "float32, other noise", say(model, sentences, _OTHER_NOISE)
        del model
        yield "int8", say(Model(folder, "cpu", int8=True), sentences)
    with computing_in("bfloat16"):
        yield "bfloat16", say(Model(folder, "cpu"), sentences)


def timbre(clip: NDArray[np.float32]) -> torch.Tensor:
    """Gives means and deviations of MFCCs, without the first one, which is the level."""
    spectra = {"n_fft": 512, "hop_length": 160, "n_mels": _MELS}
    mfcc = torchaudio.transforms.MFCC(RATE, _MFCCS, melkwargs=spectra)
    coefficients = mfcc(torch.from_numpy(clip))[1:]
    return torch.cat([coefficients.mean(dim=1), coefficients.std(dim=1)])


def alike(
    clips: Sequence[NDArray[np.float32]], exact: Sequence[NDArray[np.float32]]
) -> list[float]:
    """Gives for each clip how alike its voice is to that of the exact one: 1 for the same."""
    wanted, made = (torch.stack([timbre(clip) for clip in each]) for each in (exact, clips))
    mean, spread = wanted.mean(dim=0), wanted.std(dim=0)
    similarities: list[float] = torch.cosine_similarity(
        (made - mean) / spread, (wanted - mean) / spread
    ).tolist()
    return similarities


def distances(
    latents: Sequence[NDArray[np.float32]], exact: Sequence[NDArray[np.float32]]
) -> list[float]:
    """Gives how far each is from the exact one, as a part of that one's length."""
    return [
        float(np.linalg.norm(made - wanted) / np.linalg.norm(wanted))
        for made, wanted in zip(latents, exact, strict=True)
    ]


def main(folder: Path) -> None:
    sentences = HELD_OUT.read_text("utf-8").splitlines()[:SENTENCES]
    exact: Spoken | None = None
    for name, spoken in voices(folder, sentences):
        exact = exact or spoken
        far = distances(spoken.latents, exact.latents)
        seconds = sum(map(len, spoken.clips)) / RATE
        print(
            f"{name:<21} misheard {word_error_rate(sentences, spoken.clips):.1%}; latents of the "
            f"first patch differ by {statistics.median(far):.1%} (most {max(far):.1%}); voice "
            f"alike {statistics.median(alike(spoken.clips, exact.clips)):.2f}; {seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PREVIEW_FOLDER)
