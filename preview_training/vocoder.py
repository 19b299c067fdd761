"""A voice whose every period is known: envelopes of flite's speech, spoken at a constant pitch.

The pitch is a multiple of the 25 Hz frame rate and the noise repeats with each frame, so the same
latents always mean the same samples, and a small decoder learns them without an adversary.
"""

from pathlib import Path
from subprocess import run

import numpy as np
import pyworld
import soundfile
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
FRAME = 640  # samples of a 40 ms latent frame
PATCH = 4  # frames that the language model says at once
HOP = 80  # samples of an envelope
HOPS = FRAME // HOP
PITCHES = (100, 125, 150, 175, 200, 225)  # Hz, multiples of 25
FFT = 1024
BINS = FFT // 2 + 1
Floats = NDArray[np.float64]

_LOWEST_POWER = 1e-12
_WARP = 0.2  # a voice of twice the pitch has formants higher by 2 ** 0.2
_VOICING_EDGE_HZ = 2500.0  # of half voiced phones: periodic below, noise above
_NOISE = np.random.RandomState(1).randn(FRAME)  # what the checkpoint has learned
_BIN_HZ = np.arange(BINS) * SAMPLE_RATE / FFT
_LOW = 1 / (1 + (_BIN_HZ / _VOICING_EDGE_HZ) ** 6)


def speak(text: str, wav: Path, voice: str = "rms") -> list[tuple[str, float, float]]:
    """Let flite write a WAV file; gives phone, start and end (seconds) of every segment."""
    said = run(
        ["flite", "-voice", voice, "-psdur", "-t", text, "-o", str(wav)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    segments, start = [], 0.0
    for phone, end in (item.rsplit(":", 1) for item in said):
        segments.append((phone, start, float(end)))
        start = float(end)
    return segments


def envelopes(wav: Path) -> Floats:
    """Log power envelopes (n, BINS), one each 5 ms, by WORLD."""
    samples, rate = soundfile.read(wav)
    if rate != SAMPLE_RATE:
        raise ValueError(f"{wav}: {rate} Hz, but {SAMPLE_RATE} Hz is needed.")
    f0, times = pyworld.dio(samples, rate, frame_period=5.0)
    f0 = pyworld.stonemask(samples, f0, times, rate)
    power = pyworld.cheaptrick(samples, f0, times, rate, fft_size=FFT)
    return np.log(power + _LOWEST_POWER)


def stretch(log_power: Floats, start: float, end: float, frames: int) -> Floats:
    """Envelopes (frames * HOPS, BINS) of a segment that is made to last whole frames."""
    count = frames * HOPS
    at = (start + (np.arange(count) + 0.5) / count * (end - start)) / 0.005
    at = np.clip(at, 0, len(log_power) - 1.001)
    below, part = at.astype(int), (at % 1)[:, None]
    return log_power[below] * (1 - part) + log_power[below + 1] * part


def render(log_power: Floats, voicing: NDArray[np.int8], pitch: int) -> NDArray[np.float32]:
    """Samples of envelopes (n, BINS) at a pitch in Hz; voicing (n): 0 none, 1 half, 2 full."""
    source = np.clip(np.arange(BINS) / (pitch / 100) ** _WARP, 0, BINS - 1).astype(int)
    power = np.exp(log_power[:, source].astype(np.float64))
    out = np.zeros(len(power) * HOP + 2 * FFT)
    _add_pulses(out, power, voicing, pitch)
    _add_noise(out, power, voicing)
    return np.clip(out[: len(power) * HOP], -1, 1).astype(np.float32)


def _minimum_phase(power: Floats) -> Floats:
    """Impulse responses (n, FFT // 2) by folding the cepstrum (Oppenheim and Schafer)."""
    cepstrum = np.fft.irfft(0.5 * np.log(power), FFT, axis=1)
    cepstrum[:, 1 : FFT // 2] *= 2
    cepstrum[:, FFT // 2 + 1 :] = 0
    response = np.fft.irfft(np.exp(np.fft.rfft(cepstrum, FFT, axis=1)), FFT, axis=1)
    return response[:, : FFT // 2] * np.linspace(1, 0, FFT // 2) ** 0.25


def _add_pulses(out: Floats, power: Floats, voicing: NDArray[np.int8], pitch: int) -> None:
    per_frame = pitch * FRAME // SAMPLE_RATE
    starts = np.arange(len(power) // HOPS * per_frame) * FRAME / per_frame
    starts = np.round(starts).astype(int)
    at = starts // HOP
    starts, at = starts[voicing[at] > 0], at[voicing[at] > 0]
    if not len(at):
        return
    shape = np.where(voicing[at, None] == 1, _LOW + 1e-6, 1.0)
    for start, response in zip(starts, _minimum_phase(power[at] * shape), strict=True):
        out[start : start + FFT // 2] += response * np.sqrt(SAMPLE_RATE / pitch)


def _add_noise(out: Floats, power: Floats, voicing: NDArray[np.int8]) -> None:
    at = np.nonzero(voicing < 2)[0]
    if not len(at):
        return
    window = np.hanning(2 * HOP + 1)[: 2 * HOP]
    places = (np.arange(-HOP, HOP) + HOP * at[:, None]) % FRAME
    shape = np.where(voicing[at, None] == 1, 1 - _LOW + 1e-6, 1.0)
    spectra = np.fft.rfft(_minimum_phase(power[at] * shape), FFT, axis=1)
    bursts = np.fft.irfft(np.fft.rfft(_NOISE[places] * window, FFT, axis=1) * spectra, FFT, axis=1)
    for start, burst in zip(at * HOP - HOP, bursts, strict=True):
        skipped = max(0, -start)
        out[start + skipped : start + FFT] += burst[skipped:]
