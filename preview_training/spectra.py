"""Train what a phone sounds like between its neighbours: python -m preview_training.spectra SPEECH.

From this small network the language model's sentences get their spectra. They are smoother than
the synthesizer's own and follow from the text alone; and any words can be put together at no cost.
"""

import argparse
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the usual name

from preview_training import corpus, latents, vocoder
from preview_training.phones import PHONE_ID, PHONES
from preview_training.tokens import Token

_AROUND = 2  # phones to each side
_SIZE, _HIDDEN = 24, 320
_NUMBERS = 5
_BATCH, _STEPS, _RATE = 512, 4000, 3e-3
_HELD_OUT = 40  # utterances


class Spectra(nn.Module):
    """Spectrum of a frame, given its phone, the phones around it, and how far it has got."""

    def __init__(self) -> None:
        super().__init__()
        self.phone = nn.Embedding(len(PHONES) + 1, _SIZE)
        self.layers = nn.Sequential(
            nn.Linear(_SIZE * (2 * _AROUND + 1) + _NUMBERS, _HIDDEN),
            nn.SiLU(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.SiLU(),
            nn.Linear(_HIDDEN, latents.SPECTRUM.stop),
        )
        self._of_tokens: dict[tuple[tuple[str, ...], tuple[int, ...]], NDArray[np.float32]] = {}

    def forward(self, phones: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        return self.layers(torch.cat((self.phone(phones).flatten(1), numbers), 1))

    @classmethod
    def load(cls, folder: Path) -> "Spectra":
        found = cls()
        found.load_state_dict(torch.load(folder / "spectra.pt", weights_only=True))
        return found.eval()

    def of_token(self, token: Token) -> NDArray[np.float32]:
        """Of each patch of a token said alone: its frames' spectra, (MOST_PATCHES, PATCH * 30)."""
        said = token.phones, token.frames
        if said not in self._of_tokens:
            found = np.zeros(
                (latents.MOST_PATCHES, vocoder.PATCH * latents.SPECTRUM.stop), np.float32
            )
            if token.frames:
                found[: token.patches] = self.of(*said).reshape(token.patches, -1)
            self._of_tokens[said] = found
        return self._of_tokens[said]

    @torch.no_grad()
    def of(self, phones: Sequence[str], frames: Sequence[int]) -> NDArray[np.float32]:
        """Spectra (frames, 30) of phones, each so many frames long."""
        return self(*(torch.from_numpy(part) for part in surroundings(phones, frames))).numpy()


def surroundings(
    phones: Sequence[str], frames: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Of each frame: the phones around it, and where it stands among their frames."""
    segment = np.repeat(np.arange(len(frames)), frames)
    since = np.concatenate([np.arange(count) for count in frames])
    ids = np.pad([PHONE_ID[phone] for phone in phones], _AROUND, constant_values=PHONE_ID["pau"])
    lengths = np.pad(np.array(frames, np.float32), 1, constant_values=vocoder.PATCH)
    around = np.stack([ids[segment + offset] for offset in range(2 * _AROUND + 1)], 1)
    last, own, following = (lengths[segment + offset] for offset in range(3))
    numbers = np.stack([since, own - since - 1, (since + 0.5) / own * 4 - 2, last, following], 1)
    return around, (numbers / 2).astype(np.float32)


def _examples(
    speech: list[dict[str, object]], spectrum: latents.Spectrum
) -> tuple[torch.Tensor, ...]:
    parts = [
        (*surroundings(one["phones"], one["frames"]), spectrum(latents.log_mels(one["envelopes"])))
        for one in speech
    ]
    return tuple(torch.from_numpy(np.concatenate(part)) for part in zip(*parts, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    folder = parser.parse_args().speech
    torch.set_num_threads(1)
    torch.manual_seed(0)
    kept = folder / "spectra-examples.pkl"
    if not kept.exists():
        spectrum, speech = latents.spectrum(), list(corpus.load(folder))
        parts = _examples(speech[:_HELD_OUT], spectrum), _examples(speech[_HELD_OUT:], spectrum)
        kept.write_bytes(pickle.dumps(parts))
    held_out, (phones, numbers, wanted) = pickle.loads(kept.read_bytes())
    model = Spectra()
    optimizer = torch.optim.AdamW(model.parameters(), _RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, _STEPS)
    for step in range(1, _STEPS + 1):
        some = torch.randint(len(phones), (_BATCH,))
        loss = F.mse_loss(model(phones[some], numbers[some]), wanted[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 500 == 0:
            with torch.no_grad():
                unseen = F.mse_loss(model(*held_out[:2]), held_out[2])
            print(f"step {step}: {loss.item():.3f}, held out {unseen.item():.3f}", flush=True)
    torch.save(model.state_dict(), folder / "spectra.pt")


if __name__ == "__main__":
    main()
