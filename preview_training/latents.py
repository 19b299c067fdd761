"""What the 64 numbers of a latent frame mean.

python -m preview_training.latents SPEECH fits the components of the spectrum anew, to which
nothing that was trained before fits.

They are computed, not learned, so encoder, decoder and language model can be trained apart and at
once. Beside what is heard (spectrum, phone, pitch) the four frames of a patch say where in the text
the voice is: the code of the word it belongs to, of the two words before, and which patch of its
word it is. The language model hears only its own patches: from these codes it knows exactly where
it is, and since they are signs, small errors do not add up.
"""

import argparse
import hashlib
import pickle
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import librosa
import numpy as np
from numpy.typing import NDArray

from preview_training import vocoder
from preview_training.corpus import voicing
from preview_training.phones import PHONE_ID, PHONES

SIZE = 64
SPECTRUM = slice(0, 30)
PHONE = slice(30, 42)
PLACE = slice(42, 58)
PITCH = slice(58, 64)
WORD_CODE = PLACE.stop - PLACE.start  # signs
MOST_PATCHES = WORD_CODE // 2  # of a word
Floats = NDArray[np.float32]

_SPECTRUM_FILE = Path(__file__).with_name("spectrum.npz")
_MELS, _PARTS = 24, 4  # of a frame
_FLOOR = 1e-5  # of power in a mel band, below what is heard
_WHITENING, _SOFTENED = 0.7, 0.75
_MEL = librosa.filters.mel(
    sr=vocoder.SAMPLE_RATE, n_fft=vocoder.FFT, n_mels=_MELS, fmin=60, fmax=7800
)


def _signs(size: int, seed: int) -> Floats:
    """A code of +1 and -1 for each phone id, the codes as unlike as a thousand draws find."""
    draw = np.random.default_rng(seed)
    codes: list[NDArray[Any]] = []
    for _ in range(len(PHONES) + 1):
        drawn = draw.choice([-1.0, 1.0], (1000, size))
        if codes:
            nearest = np.abs(drawn[:, None] - np.array(codes)).sum(-1).min(1)
            codes.append(drawn[nearest.argmax()])
        else:
            codes.append(drawn[0])
    return np.array(codes, np.float32)


_PHONE_CODES = _signs(PHONE.stop - PHONE.start, 0)


@cache
def word_code(phones: tuple[str, ...]) -> Floats:
    """WORD_CODE signs that stand for a word; words that sound alike share them."""
    digest = hashlib.sha256(" ".join(phones).encode()).digest()
    bits = np.unpackbits(np.frombuffer(digest[: WORD_CODE // 8], np.uint8))
    return (2.0 * bits - 1.0).astype(np.float32)


def place_code(number: int, count: int) -> Floats:
    """WORD_CODE numbers for the patch of this number of a word of so many patches."""
    code = np.full(WORD_CODE, -1.0, np.float32)
    code[number] = 1.0
    code[MOST_PATCHES:] = 1.0 if number == count - 1 else -1.0
    return code


def log_mels(envelopes: NDArray[Any]) -> Floats:
    """Log-mel energies (frames, _PARTS * _MELS) of log power envelopes (frames * HOPS, BINS)."""
    power = np.exp(envelopes.astype(np.float32)) @ _MEL.T
    parts = np.log(power + _FLOOR).reshape(-1, _PARTS, vocoder.HOPS // _PARTS, _MELS).mean(2)
    return parts.reshape(-1, _PARTS * _MELS)


def pitch_code(hertz: float) -> Floats:
    """The six numbers that say a pitch: between two pitches of the voice, some of both."""
    at = np.interp(np.log(hertz), np.log(vocoder.PITCHES), np.arange(len(vocoder.PITCHES)))
    near = np.clip(1 - np.abs(np.arange(len(vocoder.PITCHES)) - at), 0, 1)
    return (2.4 * near - 0.4).astype(np.float32)


def nearest_pitch(hertz: float) -> int:
    return vocoder.PITCHES[int(pitch_code(hertz).argmax())]


@dataclass(frozen=True)
class Spectrum:
    """Principal components of the log-mel energies, partly whitened, about 1 in size."""

    mean: Floats
    components: Floats  # (_PARTS * _MELS, 30)

    @classmethod
    def fit(cls, speech: list[dict[str, Any]]) -> "Spectrum":
        mels = np.concatenate([log_mels(one["envelopes"]) for one in speech])
        mean = mels.mean(0)
        values, vectors = np.linalg.eigh(np.cov((mels - mean).T))
        deviation = np.sqrt(values[::-1][: SPECTRUM.stop])
        scale = deviation**-_WHITENING
        scale /= np.sqrt(np.mean((deviation * scale) ** 2))
        components = vectors[:, ::-1][:, : SPECTRUM.stop] * scale
        largest = np.abs(components).argmax(0)  # whose sign is free
        components *= np.sign(components[largest, np.arange(SPECTRUM.stop)])
        return cls(mean.astype(np.float32), components.astype(np.float32))

    def __call__(self, mels: Floats) -> Floats:
        return (mels - self.mean) @ self.components

    def save(self, path: Path) -> None:
        np.savez(path, mean=self.mean, components=self.components)

    @property
    def importance(self) -> Floats:
        """How much an error of a component weighs in log-mel energies, 1 on average.

        Softened, since the decoder hears phones too.
        """
        weights = np.linalg.norm(self.components, axis=0) ** (-2 * _SOFTENED)
        return (weights / weights.mean()).astype(np.float32)

    @classmethod
    def load(cls, path: Path) -> "Spectrum":
        stored = np.load(path)
        return cls(stored["mean"], stored["components"])


@cache
def spectrum() -> Spectrum:
    """That of the voice: a checkpoint that goes on from another has to mean the same by it."""
    return Spectrum.load(_SPECTRUM_FILE)


def phone_of_frames(one: dict[str, Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each frame of an utterance: index of its segment, and frames since that began."""
    segment = np.repeat(np.arange(len(one["frames"])), one["frames"])
    since = np.concatenate([np.arange(count) for count in one["frames"]])
    return segment, since


def frames_voicing(one: dict[str, Any]) -> NDArray[np.int8]:
    """Voicing of each envelope of an utterance."""
    of_phones = np.array([voicing(phone) for phone in one["phones"]], np.int8)
    return np.repeat(of_phones, np.array(one["frames"]) * vocoder.HOPS)


def phone_codes(phones: list[str]) -> Floats:
    """Codes (n, 12) of phones."""
    return _PHONE_CODES[[PHONE_ID[phone] for phone in phones]]


def heard_alone(one: dict[str, Any], spectrum: Spectrum) -> Floats:
    """Latents (frames, SIZE) of an utterance, its pitch and place in the text left at 0."""
    segment, _ = phone_of_frames(one)
    out = np.zeros((len(segment), SIZE), np.float32)
    out[:, SPECTRUM] = spectrum(log_mels(one["envelopes"]))
    out[:, PHONE] = phone_codes(one["phones"])[segment]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    shard = min(parser.parse_args().speech.glob("speech-*.pkl"))
    Spectrum.fit(pickle.loads(shard.read_bytes())).save(_SPECTRUM_FILE)


if __name__ == "__main__":
    main()
