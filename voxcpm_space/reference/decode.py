"""Decodes an audio file that may be anything.

Plain samples are read by libsndfile; FFmpeg decodes the rest, and finds out where it ends.
"""

import io
import os
import re
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import soundfile

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.errors import BusyError, InputError
from voxcpm_space.messages import N_, Message
from voxcpm_space.reference import ffmpeg_worker
from voxcpm_space.reference.concurrency_limit import ConcurrencyLimit, LimitTimeoutError
from voxcpm_space.reference.declared_length import ignore_declared_length
from voxcpm_space.reference.downmix import downmix
from voxcpm_space.reference.ffmpeg_worker import CHANNELS, SAMPLE_RATES, Outcome, Report

MAX_SECONDS = 300.0
"""Of a clip: what comes later is not looked at."""
MAX_SAMPLES = 30_000_000
"""Of all channels together, at the file's own rate: 5 minutes of stereo at 48 kHz."""

_GUESSED_FORMATS = {"MP3", "FLAC", "OGG"}
"""libsndfile guesses how long these are, or believes their headers, and reads no further."""
_ROUNDING_SECONDS = 0.5
"""Encoders round a length up; what is missing beyond that was cut off."""
_UNKNOWN_BYTES = 2**30
"""A program that writes WAV into a pipe knows no length and gives the largest."""
_OGG_PAGE = b"OggS"
_FFMPEG_SECONDS = 8.0
_FFMPEG_TURNS = ConcurrencyLimit(max(4, os.cpu_count() or 1))
"""More workers would each be slower, and want 160 MB each."""
_TURN_SECONDS = 20.0
_OUT_OF_TIME = {-signal.SIGXCPU} if sys.platform != "win32" else set()
"""How a worker ends that has used up its processor time; what else ends it, the file crashed."""
_LINKS = (
    *(b"#extm3u", b"ffconcat", b"[playlist]", b"[reference]", b"[internetshortcut]", b"<asx"),
    *(b"<smil", b"<?wpl", b"http:", b"https:", b"file:", b"rtsp:"),
)

_REFUSALS = {
    Outcome.UNREADABLE: N_(
        "The reference clip is not audio that can be read here, or it is damaged. "
        "Please use a WAV, FLAC, MP3, OGG, M4A or WebM file, or a video with sound."
    ),
    Outcome.NO_SOUND: N_(
        "The reference clip has no sound, only pictures or text. Please use one with a voice."
    ),
    Outcome.UNUSUAL: N_(
        "The reference clip has an unusual sample rate or number of channels. "
        "Please save it as mono or stereo at 16 to 48 kHz."
    ),
    Outcome.TOO_MUCH: N_(
        "The reference clip unpacks to more than can be decoded here. "
        "Please save it again as a WAV, FLAC or MP3 file."
    ),
}
_INCOMPLETE = N_(
    "The reference clip is incomplete: it ends before the place that says where its sound is. "
    "Please send the whole file again."
)


@dataclass(frozen=True)
class Decoded:
    """The sound of a clip.

    Attributes:
        samples: Mono at 16 kHz, shape (samples,); may hold what is not finite.
        warnings: What is missing, in sentences.
        clipped: The share of the file's own samples at full scale, for each frame of 20 ms,
            shape (frames,).
    """

    samples: Waveform
    warnings: tuple[Message, ...] = ()
    clipped: Waveform = field(default_factory=lambda: np.zeros(0, np.float32))

    @classmethod
    def partly(cls, samples: Waveform, clipped: Waveform, outcome: Outcome) -> "Decoded":
        """Gives what was decoded, with a sentence where that is not all."""
        samples.flags.writeable = False  # it is kept, and many look at it
        seconds = len(samples) / ENCODER_SAMPLE_RATE
        warnings = {
            Outcome.LONG: N_(
                "Only the first {seconds:.0f} s of the clip were looked at.", seconds=seconds
            ),
            Outcome.DAMAGED: N_(
                "The clip is damaged or cut off: {seconds:.1f} s of it could be read. If that is "
                "not enough, please send the whole file again.",
                seconds=seconds,
            ),
        }
        return cls(samples, (warnings[outcome],) if outcome in warnings else (), clipped)


def decode(content: bytes) -> Decoded:
    """Decodes a clip, at most 5 minutes of it.

    Args:
        content: The file: any format of libsndfile (WAV, FLAC, MP3, OGG, AIFF, ...), or one of
            the common ones of FFmpeg (M4A, WebM, AMR, MP4, MOV, MKV, ...). What it says about
            itself is not trusted.

    Raises:
        InputError: It is not audio, names other files, has no sound, or wants too much memory.
    """
    content = ignore_declared_length(content)
    try:
        with soundfile.SoundFile(_File(content)) as sound:
            if sound.frames and not _guesses(sound):
                return _read(sound)
    except soundfile.LibsndfileError:
        pass
    return _decode_with_ffmpeg(content)


class _File(io.BytesIO):
    """In damaged files libsndfile seeks to before the beginning, at which Python would complain."""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        try:
            return super().seek(offset, whence)
        except ValueError:
            return self.tell()


def _guesses(sound: soundfile.SoundFile) -> bool:
    return sound.format in _GUESSED_FORMATS or sound.subtype.startswith("MPEG")


def _read(sound: soundfile.SoundFile) -> Decoded:
    rate, channels = sound.samplerate, sound.channels
    if rate not in SAMPLE_RATES or channels not in CHANNELS:
        raise InputError(_REFUSALS[Outcome.UNUSUAL])
    most = int(min(MAX_SECONDS * rate, MAX_SAMPLES / channels))
    mono, clipped = downmix(sound, most, is_float=sound.subtype in {"FLOAT", "DOUBLE"})
    return Decoded.partly(mono, clipped, _outcome(sound, most))


def _outcome(sound: soundfile.SoundFile, most: int) -> Outcome:
    missing = min(sound.frames, most) - sound.tell()
    if missing > _ROUNDING_SECONDS * sound.samplerate or _says_more_than_it_has(sound):
        return Outcome.DAMAGED
    return Outcome.LONG if sound.tell() < sound.frames else Outcome.WHOLE


def _says_more_than_it_has(sound: soundfile.SoundFile) -> bool:
    """Tells whether libsndfile had to correct the length of the samples in a WAV or AIFF file."""
    said = re.search(r"^ *(?:data|SSND) : (\d+) \(should be", sound.extra_info, re.MULTILINE)
    return said is not None and int(said[1]) < _UNKNOWN_BYTES


def _has_last_page(ogg: bytes) -> bool:
    """Looks for the end-of-stream flag in the header of the last page (RFC 3533, section 6)."""
    flags = ogg.rfind(_OGG_PAGE) + 5
    return flags < len(ogg) and bool(ogg[flags] & 4)


def _decode_with_ffmpeg(content: bytes) -> Decoded:
    _refuse_links(content)
    with tempfile.TemporaryFile() as samples:
        try:
            with _FFMPEG_TURNS.taken(_TURN_SECONDS):
                report = _written_by_worker(content, samples)
        except LimitTimeoutError as error:
            raise BusyError(N_("Too many clips are being decoded now."), _FFMPEG_SECONDS) from error
        outcome = report.outcome
        if outcome is Outcome.UNREADABLE and content[4:8] == b"ftyp" and b"moov" not in content:
            raise InputError(_INCOMPLETE)
        if outcome in _REFUSALS:
            raise InputError(_REFUSALS[outcome])
        is_ogg = content.startswith(_OGG_PAGE)
        if is_ogg and outcome is Outcome.WHOLE and not _has_last_page(content):
            outcome = Outcome.DAMAGED
        return _read_raw(samples, report, outcome)


def _read_raw(samples: BinaryIO, report: Report, outcome: Outcome) -> Decoded:
    samples.seek(0)
    with soundfile.SoundFile(
        samples, "r", report.sample_rate, report.channels, "FLOAT", format="RAW"
    ) as sound:
        is_float = report.codec.startswith("pcm_f")
        return Decoded.partly(*downmix(sound, sound.frames, is_float=is_float), outcome)


def _written_by_worker(content: bytes, samples: BinaryIO) -> Report:
    try:
        said = subprocess.run(  # noqa: S603  (our own program; the clip goes to its input)
            [sys.executable, ffmpeg_worker.__file__, str(MAX_SECONDS), str(MAX_SAMPLES)],
            input=content,
            stdout=samples,
            stderr=subprocess.PIPE,
            timeout=_FFMPEG_SECONDS,
            check=True,
        ).stderr
    except subprocess.TimeoutExpired as error:
        raise InputError(_REFUSALS[Outcome.TOO_MUCH]) from error
    except subprocess.CalledProcessError as error:
        outcome = Outcome.TOO_MUCH if error.returncode in _OUT_OF_TIME else Outcome.UNREADABLE
        raise InputError(_REFUSALS[outcome]) from error
    return Report.parse(said.decode().splitlines()[-1])


def _refuse_links(content: bytes) -> None:
    beginning = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    is_dash = beginning.startswith(b"<") and b"<mpd" in beginning
    if beginning.startswith(_LINKS) or is_dash:
        raise InputError(
            N_(
                "The reference clip is a playlist or a link: it names other files, which are not "
                "opened. Please use the file with the sound itself."
            )
        )
