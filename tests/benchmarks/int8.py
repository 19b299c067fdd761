"""Measures how far weights of 8 bits lead away from float32: python -m tests.benchmarks.int8.

The preview says sentences that it was not trained on, each with the same noise in float32, in
bfloat16 (what VoxCPM2 was trained in) and in int8; a recognizer counts the words that were
understood. It needs what preview_training/requirements.txt lists.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from preview_training import hearing
from voxcpm_space.engine import loading
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.model import Model

SENTENCES = 40


def voices() -> Iterator[tuple[str, Model]]:
    yield "float32", Model(PREVIEW_FOLDER, "cpu")
    yield "int8", Model(PREVIEW_FOLDER, "cpu", int8=True)
    loading._usable = lambda *_, **__: "bfloat16"  # the preview's own format is float32
    yield "bfloat16", Model(PREVIEW_FOLDER, "cpu")


@torch.inference_mode()
def say(model: Model, text: str, seed: int) -> tuple[torch.Tensor, np.ndarray]:
    """Latents of the first patch, and samples at 16 kHz."""
    torch.manual_seed(seed)
    patches = list(model._voxcpm.generate_with_prompt_cache_streaming(text, None, max_len=120))
    samples = torch.cat([waveform for waveform, _, _ in patches], dim=-1)[0].numpy()
    return patches[0][2][0].float(), hearing.at_16_khz(samples, model.sample_rate)


def main() -> None:
    loading.has_native_bfloat16 = lambda: False
    file = Path(hearing.__file__).with_name("held_out.txt")
    sentences = file.read_text("utf-8").splitlines()[:SENTENCES]
    exact: list[torch.Tensor] = []
    for name, model in voices():
        errors, wrong, count, seconds = [], 0, 0, 0.0
        for seed, sentence in enumerate(sentences):
            latents, samples = say(model, sentence, seed)
            if name == "float32":
                exact.append(latents)
            error = torch.linalg.norm(latents - exact[seed]) / torch.linalg.norm(exact[seed])
            errors.append(float(error))
            misheard, words = hearing.word_errors(sentence, hearing.words(samples))
            wrong, count, seconds = wrong + misheard, count + words, seconds + len(samples)
        print(
            f"{name:<9} latents of the first patch differ by {statistics.median(errors):.1%} "
            f"(most {max(errors):.1%}), words misheard {wrong / count:.1%} of {count}, "
            f"{seconds / hearing.RATE:.0f} s of speech",
            flush=True,
        )


if __name__ == "__main__":
    main()
