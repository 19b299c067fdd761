"""Make the reference clips that clips.json describes.

Each entry of the manifest holds the words to speak and the command that speaks them; this
program runs the commands and gives every clip the same form: mono, 16 kHz, 16 bit, a level of
-24 dBFS (RMS of the speech), and a fifth of a second of silence at both ends.

On Debian 12 the commands come from these packages:

    apt-get install espeak-ng festival festvox-italp16k festvox-itapc16k festvox-ru \
        festvox-suopuhe-lj flite

The Python packages are numpy, soundfile and soxr. Start it from any folder:

    python examples/make_clips.py
"""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile as sf
import soxr

Samples = npt.NDArray[np.float64]

HERE = Path(__file__).resolve().parent
MANIFEST = HERE / "clips.json"

RATE = 16_000
LEVEL = 10 ** (-24 / 20)  # RMS, between what telephony (-26 dB) and broadcasts (-23 dB) use
MARGIN_SECONDS = 0.2
FADE_SECONDS = 0.01
FRAME_SECONDS = 0.01
SILENCE = 10 ** (-40 / 20)
"""Frames this far below the loudest one count as silence when they lie at an end."""

INT16_SPAN = 2**16
OVERFLOW_STEP = 48_000
"""A step between samples that speech cannot make, but a wrapped 16-bit overflow does."""


@dataclass(frozen=True)
class Clip:
    """One clip of the manifest, reduced to what making it takes."""

    path: Path
    transcript: str
    command: tuple[str, ...]
    encoding: str

    @classmethod
    def from_entry(cls, entry: dict[str, Any]) -> "Clip":
        """Read the manifest entry of a clip."""
        return cls(
            path=HERE / entry["file"],
            transcript=entry["transcript"],
            command=tuple(entry["command"]),
            encoding=entry.get("encoding", "utf-8"),
        )


def synthesize(clip: Clip) -> Samples:
    """Speak the transcript of a clip.

    The words `{text}` and `{wav}` of its command stand for the file to read and the file to
    write.

    Returns:
        The speech at `RATE`, with whatever level and silence the synthesizer gave it.
    """
    with tempfile.TemporaryDirectory() as folder:
        text, wav = Path(folder, "text.txt"), Path(folder, "speech.wav")
        text.write_text(clip.transcript + "\n", encoding=clip.encoding)
        places = {"{text}": str(text), "{wav}": str(wav)}
        command = [places.get(word, word) for word in clip.command]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        samples, rate = sf.read(wav, dtype="int16")
    speech: Samples = soxr.resample(undo_overflow(samples), rate, RATE, quality="VHQ")
    return speech


def undo_overflow(samples: npt.NDArray[np.int16]) -> Samples:
    """Bring back peaks that ran over the 16-bit range and came out with the wrong sign.

    Festival's Italian voices do so in loud vowels.
    """
    whole = np.unwrap(samples.astype(np.float64), discont=OVERFLOW_STEP, period=INT16_SPAN)
    return whole / (INT16_SPAN // 2)


def trim(samples: Samples) -> Samples:
    """Cut the silence off both ends and fade the cuts."""
    frame = round(FRAME_SECONDS * RATE)
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    level = np.sqrt(np.mean(frames**2, axis=1))
    spoken = np.flatnonzero(level > SILENCE * level.max())
    speech = samples[spoken[0] * frame : (spoken[-1] + 1) * frame].copy()
    ramp = np.linspace(0, 1, round(FADE_SECONDS * RATE))
    speech[: len(ramp)] *= ramp
    speech[-len(ramp) :] *= ramp[::-1]
    return speech


def finish(samples: Samples) -> Samples:
    """Give speech the level and the silent margins that all clips share."""
    speech = trim(samples)
    return np.pad(speech * (LEVEL / np.sqrt(np.mean(speech**2))), round(MARGIN_SECONDS * RATE))


def main() -> None:
    """Make every clip of the manifest and tell its length."""
    for entry in json.loads(MANIFEST.read_text(encoding="utf-8")):
        clip = Clip.from_entry(entry)
        samples = finish(synthesize(clip))
        clip.path.parent.mkdir(exist_ok=True)
        sf.write(clip.path, samples, RATE, subtype="PCM_16")
        print(f"{clip.path.relative_to(HERE)}  {len(samples) / RATE:.1f} s")


if __name__ == "__main__":
    main()
