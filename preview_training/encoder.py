"""Train the AudioVAE's encoder: python -m preview_training.encoder SPEECH RUN --minutes 15.

It learns all latents of the vocoder's own speech, and the pitch of other voices, at any level.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch

from preview_training import clips, corpus, latents, vocoder
from preview_training.model import new_audio_vae
from preview_training.training import Run

_FRAMES, _BATCH = 12, 8
_UNHEARD = 3  # frames at the start of a cutting, whose past the encoder does not see
_FOREIGN = 0.6  # of the cuttings are of other voices
_LEVELS_DB = (-24.0, 12.0)  # of those; of its own voice a quarter of that
_PITCH_WEIGHT = 10.0  # the rest of a clip hardly matters: only its pitch is followed


class Cuttings:
    """Random cuttings: samples, latents and how much each latent counts."""

    def __init__(
        self,
        speech: list[dict[str, Any]],
        foreign: list[dict[str, Any]],
        spectrum: latents.Spectrum,
        seed: int,
    ) -> None:
        self._own = [
            (latents.heard_alone(one, spectrum), latents.frames_voicing(one), one["envelopes"])
            for one in speech
        ]
        self._foreign = [clip for clip in foreign if len(clip["samples"]) > vocoder.FRAME * _FRAMES]
        self._odds = clips.evenly_by_pitch(self._foreign)
        self._draw = np.random.default_rng(seed)

    def batch(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Samples (batch, 1, n), latents and their weights (batch, SIZE, frames)."""
        cut = [
            self._cut_foreign() if self._draw.random() < _FOREIGN else self._cut_own()
            for _ in range(_BATCH)
        ]
        samples, wanted, weight = (
            torch.from_numpy(np.stack(part).astype(np.float32)) for part in zip(*cut, strict=True)
        )
        return samples[:, None], wanted.transpose(1, 2), weight.transpose(1, 2)

    def _gain(self, share: float) -> float:
        return 10 ** (share * self._draw.uniform(*_LEVELS_DB) / 20)

    def _cut_own(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        frames, voicing, envelopes = self._own[self._draw.integers(len(self._own))]
        start = self._draw.integers(max(1, len(frames) - _FRAMES + 1))
        pitch = int(self._draw.choice(vocoder.PITCHES))
        at = slice(start * vocoder.HOPS, (start + _FRAMES) * vocoder.HOPS)
        samples = vocoder.render(envelopes[at], voicing[at], pitch) * self._gain(0.25)
        wanted = frames[start : start + _FRAMES].copy()
        wanted[:, latents.PITCH] = latents.pitch_code(pitch)
        weight = np.ones_like(wanted)
        weight[:_UNHEARD] = 0
        voiced = voicing[at].reshape(-1, vocoder.HOPS).mean(1) > 1
        weight[:, latents.PITCH] *= _PITCH_WEIGHT * voiced[:, None]
        missing = _FRAMES - len(wanted)
        return (
            np.pad(samples, (0, missing * vocoder.FRAME)),
            np.pad(wanted, ((0, missing), (0, 0))),
            np.pad(weight, ((0, missing), (0, 0))),
        )

    def _cut_foreign(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        clip = self._draw.choice(self._foreign, p=self._odds)
        samples = clip["samples"]
        start = self._draw.integers(len(samples) - _FRAMES * vocoder.FRAME)
        cut = samples[start : start + _FRAMES * vocoder.FRAME] / 32768 * self._gain(1.0)
        cut = cut + self._draw.normal(size=len(cut)) * 10 ** self._draw.uniform(-5, -3)
        wanted = np.zeros((_FRAMES, latents.SIZE), np.float32)
        weight = np.zeros_like(wanted)
        for frame in range(_UNHEARD, _FRAMES):
            first = (start + frame * vocoder.FRAME) // vocoder.HOP
            f0 = clip["f0"][first : first + vocoder.HOPS]
            if len(f0) and (f0 > 0).mean() > 0.7:
                wanted[frame, latents.PITCH] = latents.pitch_code(float(np.median(f0)))
                weight[frame, latents.PITCH] = _PITCH_WEIGHT
        return np.clip(cut, -1, 1), wanted, weight


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    encoder = new_audio_vae().encoder
    given.run.mkdir(parents=True, exist_ok=True)
    run = Run(given.run / "encoder.pt", encoder, minutes=given.minutes, rate=2e-3)
    speech, foreign = list(corpus.load(given.speech, shards=4)), clips.load(given.speech)
    cuttings = Cuttings(speech, foreign, latents.spectrum(), seed=run.step)
    while run.goes_on():
        samples, wanted, weight = cuttings.batch()
        heard = encoder(samples)["mu"]
        error = weight * (heard - wanted).square()
        loss = error.sum() / weight.sum()
        with torch.no_grad():
            pitch = error[:, latents.PITCH].sum() / weight[:, latents.PITCH].sum().clamp_min(1)
            spectrum = error[:, latents.SPECTRUM].sum() / weight[
                :, latents.SPECTRUM
            ].sum().clamp_min(1)
            phone = error[:, latents.PHONE].sum() / weight[:, latents.PHONE].sum().clamp_min(1)
        run.learn(loss, loss=loss.detach(), pitch=pitch, spectrum=spectrum, phone=phone)


if __name__ == "__main__":
    main()
