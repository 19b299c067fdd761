"""Makes mono at the encoder's rate of what is in a file, and looks for clipping before that."""

from collections.abc import Iterator

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.reference.activity import FRAME_SECONDS

_BLOCK_FRAMES = 16_384
_CANCELLED_DB = -10.0
"""Mean of the channels against the strongest; -6 dB where one of two is silent."""
_CLIPPED = 0.97
"""Of full scale; a limiter or a lossy encoder leaves the tops of waves a little below it."""

_Block = NDArray[np.float32]
"""Samples of all channels, shape (samples, channels)."""


def downmix(sound: soundfile.SoundFile, most: int, *, is_float: bool) -> tuple[Waveform, Waveform]:
    """Reads a file twice: first for how its channels go together.

    Args:
        sound: The file, at its own rate.
        most: Samples of each channel to read at most.
        is_float: Whether its samples are stored as floats, which may go beyond full scale.

    Returns:
        Mono samples at 16 kHz, shape (samples,), and the share of clipped samples in each frame of
        20 ms of the file, shape (frames,). Where the file ends too early, they do.
    """
    # What is not finite is refused later, with a sentence; numpy would only warn of it.
    with np.errstate(invalid="ignore", over="ignore"):
        levels = _Levels(sound.channels)
        for block in _blocks(sound, most):
            levels.add(block)
        weights = levels.weights()
        clipping = _Clipping(sound.samplerate, most, levels.peak if is_float else 1.0)
        resampler = soxr.ResampleStream(sound.samplerate, ENCODER_SAMPLE_RATE, 1, dtype="float32")
        chunks = []
        for block in _blocks(sound, most):
            clipping.add(block[:, weights > 0])
            chunks.append(resampler.resample_chunk(block @ weights))
    chunks.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    return np.concatenate(chunks), clipping.shares()


def _blocks(sound: soundfile.SoundFile, most: int) -> Iterator[_Block]:
    sound.seek(0)
    while (left := most - sound.tell()) > 0:
        try:
            block = sound.read(min(_BLOCK_FRAMES, left), "float32", always_2d=True)
        except soundfile.LibsndfileError:
            return
        if not len(block):
            return
        yield block


class _Levels:
    """Adds up how strong each channel is, and the mean of all."""

    def __init__(self, channels: int) -> None:
        self.peak = 1.0
        self._count = 0
        self._sums = np.zeros(channels + 1)
        self._squares = np.zeros(channels + 1)

    def add(self, block: _Block) -> None:
        mean = block.mean(axis=1, dtype=np.float64, keepdims=True)
        signals = np.concatenate([block, mean], axis=1)
        self._count += len(block)
        self._sums += signals.sum(axis=0)
        self._squares += np.square(signals).sum(axis=0)
        self.peak = max(self.peak, float(np.abs(block).max()))

    def weights(self) -> NDArray[np.float32]:
        """Gives the part of each channel in the mono sound, shape (channels,).

        It is the mean, but for channels that cancel each other, as where one is inverted: of these
        it is the strongest.
        """
        channels = len(self._sums) - 1
        power = self._squares - self._sums**2 / max(self._count, 1)  # an offset is no sound
        strongest = int(np.argmax(power[:channels]))
        if power[-1] < power[strongest] * 10 ** (_CANCELLED_DB / 10):
            weights: NDArray[np.float32] = np.eye(channels, dtype=np.float32)[strongest]
            return weights
        return np.full(channels, 1 / channels, np.float32)


class _Clipping:
    """Counts the samples at full scale in every frame of 20 ms."""

    def __init__(self, sample_rate: int, most: int, full_scale: float) -> None:
        self._frame_samples = sample_rate * FRAME_SECONDS
        self._limit = _CLIPPED * full_scale
        self._position = 0
        self._counts = np.zeros(int(most / self._frame_samples) + 1, np.int64)

    def add(self, block: _Block) -> None:
        clipped = self._position + np.flatnonzero((np.abs(block) > self._limit).any(axis=1))
        frames = (clipped / self._frame_samples).astype(np.int64)
        self._counts += np.bincount(frames, minlength=len(self._counts))
        self._position += len(block)

    def shares(self) -> Waveform:
        frames = int(np.ceil(self._position / self._frame_samples))
        return (self._counts[:frames] / self._frame_samples).astype(np.float32)
