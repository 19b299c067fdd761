"""Train the AudioVAE's decoder: python -m preview_training.decoder SPEECH RUN --minutes 50.

Latents in, the vocoder's samples out. Since the vocoder makes the same samples of the same latents,
plain spectral and sample differences are loss enough.
"""

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import torch
from scipy.signal import firwin
from torch.nn import functional as F  # noqa: N812 - the usual name

from preview_training import corpus, latents, vocoder
from preview_training.model import new_audio_vae, part_of_vae
from preview_training.training import Run, drawn_by

OUT_RATE = 48_000
_UP = OUT_RATE // vocoder.SAMPLE_RATE
_OUT_FRAME = vocoder.FRAME * _UP
_FRAMES = 20
_UNHEARD = 2  # first frames of a cutting, whose past the decoder does not see
_NOISE, _SPECTRUM_NOISE = 0.3, 0.4  # of latents, at most
_UNSURE = 0.15
_FFTS = ((1536, 384), (768, 192), (240, 60))
_WINDOWS = {size: torch.hann_window(size) for size in (1536, 1200, 768, 240)}
_INTERPOLATOR = torch.tensor(firwin(61, 7800, fs=OUT_RATE) * _UP, dtype=torch.float32)[None, None]
_MEL = torch.from_numpy(
    librosa.filters.mel(sr=OUT_RATE, n_fft=1200, n_mels=36, fmin=80, fmax=7600)
).float()


def upsample(samples: torch.Tensor) -> torch.Tensor:
    """16 kHz samples (batch, n) to 48 kHz (batch, 3 n)."""
    spread = samples.new_zeros(len(samples), 1, samples.shape[1] * _UP)
    spread[:, 0, ::_UP] = samples
    return F.conv1d(spread, _INTERPOLATOR.to(samples.device), padding=30)[:, 0]


def _spectrum(samples: torch.Tensor, size: int, hop: int) -> torch.Tensor:
    window = _WINDOWS[size].to(samples.device)
    return torch.stft(samples, size, hop, size, window, return_complex=True, center=False)


def spectral_distance(made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Complex and log magnitude differences over three resolutions."""
    total = made.new_zeros(())
    for size, hop in _FFTS:
        a = torch.view_as_real(_spectrum(made, size, hop))
        b = torch.view_as_real(_spectrum(wanted, size, hop))
        a_size, b_size = (torch.sqrt(x.square().sum(-1) + 1e-6) for x in (a, b))
        floor = size * 4e-5
        total = total + (a - b).abs().mean() / (b_size.mean() + 1e-3)
        total = total + (torch.log(a_size + floor) - torch.log(b_size + floor)).abs().mean()
    return total / len(_FFTS)


def mel_distance(made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    a, b = (
        torch.log(_MEL.to(x.device) @ (_spectrum(x, 1200, 480).abs().square() + 1e-9) + 3e-3)
        for x in (made, wanted)
    )
    return (a - b).abs().mean()


class Cuttings:
    """Random cuttings of the speech, at random pitches."""

    def __init__(self, speech: list[dict[str, Any]], spectrum: latents.Spectrum, seed: int) -> None:
        self._speech = [
            (latents.heard_alone(one, spectrum), latents.frames_voicing(one), one["envelopes"])
            for one in speech
        ]
        self._draw = np.random.default_rng(seed)

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents (size, SIZE, frames) and 16 kHz samples (size, frames * FRAME)."""
        cut = [self._cut() for _ in range(size)]
        inputs = torch.from_numpy(np.stack([frames for frames, _ in cut])).transpose(1, 2)
        return inputs.contiguous(), torch.from_numpy(np.stack([s for _, s in cut]))

    def _cut(self) -> tuple[np.ndarray, np.ndarray]:
        frames, voicing, envelopes = self._speech[self._draw.integers(len(self._speech))]
        start = self._draw.integers(max(1, len(frames) - _FRAMES + 1))
        pitch = int(self._draw.choice(vocoder.PITCHES))
        at = slice(start * vocoder.HOPS, (start + _FRAMES) * vocoder.HOPS)
        samples = vocoder.render(envelopes[at], voicing[at], pitch)
        cut = frames[start : start + _FRAMES].copy()
        cut[:, latents.PITCH] = latents.pitch_code(pitch)
        if missing := _FRAMES - len(cut):
            cut = np.concatenate([cut, np.repeat(cut[-1:], missing, 0)])
            samples = np.pad(samples, (0, missing * vocoder.FRAME))
        return cut, samples


def distort(inputs: torch.Tensor) -> torch.Tensor:
    """As the language model's latents will be: not exact, and at some place of some text.

    Some do not know their phone and place, as those of the encoder.
    """
    rows, device = len(inputs), inputs.device
    noise = torch.randn_like(inputs) * torch.rand(rows, 1, 1, device=device)
    noise[:, latents.SPECTRUM] *= _SPECTRUM_NOISE
    noise[:, latents.SPECTRUM.stop :] *= _NOISE
    made = inputs + noise
    made[:, latents.PHONE] *= (torch.rand(rows, 1, 1, device=device) > _UNSURE).float()
    place = torch.randint(0, 2, made[:, latents.PLACE].shape, device=device) * 2.0 - 1.0
    made[:, latents.PLACE] = place * (torch.rand(rows, 1, 1, device=device) > _UNSURE)
    return made


def loss_of(decoder: torch.nn.Module, inputs: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    made = decoder(inputs, torch.tensor([OUT_RATE], dtype=torch.int32, device=inputs.device))[:, 0]
    made, wanted = (x[:, _UNHEARD * _OUT_FRAME :] for x in (made, wanted))
    sample = (made - wanted).abs().mean() / (wanted.abs().mean() + 2e-3)
    return spectral_distance(made, wanted) + 0.5 * sample + 0.7 * mel_distance(made, wanted)


def batches(
    seed: int, *, speech: list[dict[str, Any]], spectrum: latents.Spectrum, size: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    cuttings = Cuttings(speech, spectrum, seed)
    while True:
        yield cuttings.batch(size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--start", type=Path, help="folder of a checkpoint to go on from")
    parser.add_argument("--device", type=torch.device, default="cpu")
    parser.add_argument("--batch", type=int, default=5)
    parser.add_argument("--workers", type=int, default=0, help="processes that make the speech")
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    decoder = new_audio_vae().decoder.to(given.device)
    if given.start:
        decoder.load_state_dict(part_of_vae(given.start, "decoder"))
    given.run.mkdir(parents=True, exist_ok=True)
    run = Run(given.run / "decoder.pt", decoder, minutes=given.minutes, rate=2e-3)
    speech = list(corpus.load(given.speech, shards=12))
    spectrum = latents.spectrum()
    draw = partial(batches, speech=speech, spectrum=spectrum, size=given.batch)
    queue = drawn_by(given.workers, draw, seed=run.step)
    while run.goes_on():
        inputs, samples = (part.to(given.device) for part in next(queue))
        loss = loss_of(decoder, distort(inputs), upsample(samples))
        run.learn(loss, loss=loss.detach())


if __name__ == "__main__":
    main()
