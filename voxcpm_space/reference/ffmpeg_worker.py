"""Decodes with FFmpeg what libsndfile cannot read; a process of its own, since files lie.

Started as a program, with the most seconds and the most samples to decode as its arguments: reads
the encoded clip from its standard input, and writes an `Outcome`, a line break and mono float32
samples at 16 kHz. What a file makes FFmpeg do can crash or bloat this process only.
"""

import io
import os
import sys
from collections.abc import Iterator
from enum import Enum

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

SAMPLE_RATE = 16_000
MEMORY_BYTES = 160 * 2**20
CPU_SECONDS = 4
"""The 5 minutes of a clip that are looked at need a second of it."""
_NICENESS = 10
"""Takes that are being made come before clips that may be anything."""
CHANNELS = range(1, 9)
SAMPLE_RATES = range(4_000, 192_001)

# Formats that hold sound themselves: no playlists, and nothing that opens another file or URL.
_FORMATS = "aac,aiff,amr,asf,au,avi,caf,flac,flv,matroska,mov,mp3,mpegts,ogg,w64,wav"
_CODECS = (
    "aac,aac_latm,ac3,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,alac,amrnb,amrwb,eac3,flac,gsm,gsm_ms,"
    "libgsm,libgsm_ms,libopencore_amrnb,libopencore_amrwb,libopus,libspeex,libvorbis,mp1,mp1float,"
    "mp2,mp2float,mp3,mp3float,opus,pcm_alaw,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_mulaw,"
    "pcm_s16be,pcm_s16le,pcm_s24be,pcm_s24le,pcm_s32be,pcm_s32le,pcm_s8,pcm_u8,speex,vorbis,"
    "wmapro,wmav1,wmav2"
)
_OPTIONS = {
    "format_whitelist": _FORMATS,
    "codec_whitelist": _CODECS,
    "protocol_whitelist": "none",
}
_TELL_THEIR_LENGTH = {"mov", "matroska"}
_MISSING_SECONDS = 1.0
"""So much less than the file says is there counts as cut off; encoders round their lengths."""


class Outcome(Enum):
    """What became of a clip."""

    WHOLE = "whole"
    LONG = "long"  # there is more than was asked for
    DAMAGED = "damaged"  # a part could not be read, or its end is missing
    UNREADABLE = "unreadable"
    NO_SOUND = "no sound"
    UNUSUAL = "unusual"
    TOO_MUCH = "too much"  # it wants more memory than there is


def decode(content: bytes, max_seconds: float, max_samples: int) -> tuple[Outcome, bytes]:
    """Decodes the first audio stream.

    Args:
        content: The encoded file, not trusted.
        max_seconds: Of sound to decode at most.
        max_samples: Of all channels together, at the file's own rate, to decode at most.

    Returns:
        What became of it, and the mono float32 samples at 16 kHz.
    """
    try:
        with av.open(
            io.BytesIO(content), "r", options=_OPTIONS, metadata_errors="ignore"
        ) as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                return Outcome.NO_SOUND, b""
            codec = stream.codec_context  # None where FFmpeg knows none
            if codec is None or codec.name not in _CODECS.split(","):
                return Outcome.UNREADABLE, b""
            if stream.channels not in CHANNELS or stream.rate not in SAMPLE_RATES:
                return Outcome.UNUSUAL, b""
            return _Decoding(container, stream, max_seconds, max_samples).run()
    except MemoryError:
        return Outcome.TOO_MUCH, b""
    except (av.FFmpegError, ValueError):
        return Outcome.UNREADABLE, b""


class _Decoding:
    def __init__(
        self, container: InputContainer, stream: AudioStream, max_seconds: float, max_samples: int
    ) -> None:
        seconds = min(max_seconds, max_samples / (stream.rate * stream.channels))
        self._limit = int(seconds * SAMPLE_RATE)
        self._container = container
        self._stream = stream
        self._resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        self._samples = bytearray()
        self._damaged = False

    def run(self) -> tuple[Outcome, bytes]:
        for frame in self._frames():
            for resampled in self._resampler.resample(frame):
                self._samples += memoryview(resampled.planes[0])[: 4 * resampled.samples]
            if len(self._samples) > 4 * self._limit:
                return Outcome.LONG, bytes(self._samples[: 4 * self._limit])
        if self._damaged or self._is_cut_off():
            return Outcome.DAMAGED, bytes(self._samples)
        return Outcome.WHOLE, bytes(self._samples)

    def _frames(self) -> Iterator[av.AudioFrame | None]:
        """Gives what can be decoded, and at the end None, which empties the resampler."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                frames = [] if packet is None else packet.decode()
            except MemoryError:
                raise
            except (av.FFmpegError, IndexError):  # PyAV's, where a stream begins in the middle
                self._damaged = True
                continue
            yield from frames
            if packet is None:
                break
        yield None

    def _is_cut_off(self) -> bool:
        if _TELL_THEIR_LENGTH.isdisjoint(self._container.format.name.split(",")):
            return False
        promised = 0.0
        if self._stream.duration and self._stream.time_base:
            promised = float(self._stream.duration * self._stream.time_base)
        elif self._container.duration:
            promised = self._container.duration / av.time_base
        return len(self._samples) / 4 / SAMPLE_RATE + _MISSING_SECONDS < promised


def _limit_itself() -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (there is none on Windows)

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no file is left of a crash
    os.nice(_NICENESS)


def main() -> None:
    """Runs the program."""
    _limit_itself()
    av.logging.set_level(None)
    outcome, samples = decode(sys.stdin.buffer.read(), float(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.buffer.write(outcome.value.encode() + b"\n" + samples)


if __name__ == "__main__":
    main()
