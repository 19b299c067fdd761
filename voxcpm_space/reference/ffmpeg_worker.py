"""Decodes with FFmpeg what libsndfile cannot read to its end; a process of its own, as files lie.

Started as a program, with the most seconds and the most samples to decode as its arguments. It
reads the encoded clip from its standard input. To its standard output go float32 samples as they
are in the file, interleaved, and to its standard error a `Report` of them. What a file makes FFmpeg
do can crash or bloat this process only.
"""

import io
import math
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import Any, BinaryIO

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

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
_BETTER_DECODERS = {"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"}
"""FFmpeg's own know no DTX: they leave out the pauses, in which such a file describes the noise."""
_TELL_THEIR_LENGTH = {"mov", "flac"}
_XING = re.compile(rb"(?:Xing|Info)\0\0\0[\1\3\5\7\x09\x0b\x0d\x0f](.{4})", re.DOTALL)
"""In the first frame of an MP3 that tells how many frames follow; of others FFmpeg guesses it."""
_FIRST_FRAME_BYTES = 4_096
_MPEG1_HZ = 32_000
"""Its lowest rate; in MPEG 2 and 2.5 a frame has half as many samples."""
_MP3 = (b"ID3", b"\xff")
"""How an MP3 begins: with a tag, or with the mark of a frame."""
_ID3 = re.compile(rb"ID3[\2-\4].[\0-\xf0]([\0-\x7f]{4})", re.DOTALL)
"""Its size has 7 bits in each byte (ID3v2.4.0 structure, section 3.1)."""
_MISSING_SECONDS = 1.0
"""So much less than the file says is there counts as cut off; encoders round their lengths."""
_LOST_SECONDS = 0.1
"""What follows the last frame of an MP3, and a frame cut in two, cost no more than that."""


class Outcome(Enum):
    """What became of a clip."""

    WHOLE = "whole"
    LONG = "long"  # there is more than was asked for
    DAMAGED = "damaged"  # a part could not be read, or its end is missing
    UNREADABLE = "unreadable"
    NO_SOUND = "no-sound"
    UNUSUAL = "unusual"
    TOO_MUCH = "too-much"  # it wants more memory than there is


@dataclass(frozen=True)
class Report:
    """What the samples are that were written.

    Attributes:
        outcome: What became of the clip.
        sample_rate: In Hz; 0 where there are no samples.
        channels: How many are interleaved; 0 where there are no samples.
        codec: FFmpeg's name of what they were encoded with.
    """

    outcome: Outcome
    sample_rate: int = 0
    channels: int = 0
    codec: str = "none"

    def __str__(self) -> str:
        """Gives the line that `parse` reads."""
        return f"{self.outcome.value} {self.sample_rate} {self.channels} {self.codec}"

    @classmethod
    def parse(cls, line: str) -> "Report":
        """Reads the line that the program has written.

        Raises:
            ValueError: It is none.
        """
        outcome, sample_rate, channels, codec = line.split()
        return cls(Outcome(outcome), int(sample_rate), int(channels), codec)


def decode(content: bytes, samples: BinaryIO, max_seconds: float, max_samples: int) -> Report:
    """Decodes the default audio stream, or the first where none is.

    Args:
        content: The encoded file, not trusted.
        samples: Where float32 samples of all channels are written, interleaved.
        max_seconds: Of sound to decode at most.
        max_samples: Of all channels together to decode at most.

    Returns:
        What became of it, and what was written.
    """
    content = _without_inner_tags(content)
    try:
        with av.open(
            io.BytesIO(content), "r", options=_OPTIONS, metadata_errors="ignore"
        ) as container:
            stream = _default(container)
            if stream is None:
                return Report(Outcome.NO_SOUND)
            codec = stream.codec_context  # None where FFmpeg knows none
            if codec is None or codec.name not in _CODECS.split(","):
                return Report(Outcome.UNREADABLE)
            if stream.channels not in CHANNELS or stream.rate not in SAMPLE_RATES:
                return Report(Outcome.UNUSUAL)
            decoding = _Decoding(container, stream, samples, max_seconds, max_samples)
            return decoding.run(_frames_told(content))
    except MemoryError:
        return Report(Outcome.TOO_MUCH)
    except (av.FFmpegError, ValueError):
        return Report(Outcome.UNREADABLE)


def _default(container: InputContainer) -> AudioStream | None:
    streams = container.streams.audio
    marked = (stream for stream in streams if stream.disposition & Disposition.default)
    return next(marked, streams[0] if streams else None)


def _frames_told(mp3: bytes) -> int:
    tag = _ID3.match(mp3)
    start = _end_of(tag) if tag else 0
    told = _XING.search(mp3, start, start + _FIRST_FRAME_BYTES)
    return int.from_bytes(told[1], "big") if told else 0


def _without_inner_tags(mp3: bytes) -> bytes:
    """Removes the tags between MP3 files that were put together; FFmpeg reads frames in them."""
    if not mp3.startswith(_MP3):
        return mp3
    parts, start = [], 0
    for tag in _ID3.finditer(mp3, 1):
        end = _end_of(tag)
        if mp3.startswith(_MP3, end):
            parts.append(mp3[start : tag.start()])
            start = end
    return b"".join([*parts, mp3[start:]])


def _end_of(tag: re.Match[bytes]) -> int:
    size = 0
    for byte in tag[1]:
        size = size << 7 | byte
    return tag.end() + size


class _Decoding:
    def __init__(
        self,
        container: InputContainer,
        stream: AudioStream,
        samples: BinaryIO,
        max_seconds: float,
        max_samples: int,
    ) -> None:
        self._container = container
        self._stream = stream
        self._sink = samples
        self._max_seconds = max_seconds
        self._max_samples = max_samples
        better = _BETTER_DECODERS.get(stream.codec_context.name)
        codec = av.CodecContext.create(better, "r") if better else stream.codec_context
        assert isinstance(codec, AudioCodecContext)
        self._codec = codec
        self._written = 0  # samples of each channel
        self._reached = 0.0  # where the last packet of any stream ends, in seconds
        self._lost = 0.0  # seconds that could not be decoded

    def run(self, mp3_frames: int) -> Report:
        frames = self._frames()
        first = next(frames, None)  # tells better than the stream: HE-AAC has twice the rate
        rate = first.rate if first else self._stream.rate
        channels = first.layout.nb_channels if first else self._stream.channels
        most = int(min(self._max_seconds * rate, self._max_samples / channels))
        outcome = Outcome.WHOLE
        for piece in _uniform(chain([first] if first else [], frames)):
            usable = min(piece.samples, most - self._written)
            self._sink.write(memoryview(piece.planes[0])[: 4 * usable * channels])
            self._written += usable
            if usable < piece.samples:
                outcome = Outcome.LONG
                break
        is_damaged = self._lost > _LOST_SECONDS or self._is_cut_off(rate, mp3_frames)
        if outcome is Outcome.WHOLE and is_damaged:
            outcome = Outcome.DAMAGED
        return Report(outcome, rate, channels, self._codec.name)

    def _frames(self) -> Iterator[av.AudioFrame]:
        packets = self._container.demux()
        packet: av.Packet[Any] | None = None
        while True:
            try:
                packet = next(packets, None)
                frames = [] if packet is None else self._decoded(packet)
            except MemoryError:
                raise
            except (av.FFmpegError, IndexError):  # PyAV's, where a stream begins in the middle
                self._lost += _seconds(packet) or math.inf
                continue
            yield from frames
            if packet is None:
                break

    def _decoded(self, packet: "av.Packet[Any]") -> list[av.AudioFrame]:
        if packet.pts is not None and packet.time_base:
            end = float(packet.pts * packet.time_base) + _seconds(packet)
            self._reached = max(self._reached, end)
        return self._codec.decode(packet) if packet.stream is self._stream else []

    def _is_cut_off(self, rate: int, mp3_frames: int) -> bool:
        names = self._container.format.name.split(",")
        told, found = 0.0, self._written / rate
        if "mp3" in names:
            told = mp3_frames * (1152 if rate >= _MPEG1_HZ else 576) / rate
        elif "matroska" in names:
            # Of all streams together: sound may begin late, and pictures go on after it.
            told, found = (self._container.duration or 0) / av.time_base, self._reached
        elif not _TELL_THEIR_LENGTH.isdisjoint(names):
            told = float((self._stream.duration or 0) * (self._stream.time_base or 0))
        return found + _MISSING_SECONDS < told


def _seconds(packet: "av.Packet[Any] | None") -> float:
    if packet is None or not packet.duration or not packet.time_base:
        return 0.0
    return float(packet.duration * packet.time_base)


def _uniform(frames: Iterable[av.AudioFrame]) -> Iterator[av.AudioFrame]:
    """Gives interleaved floats at the rate and in the channels of the first frame.

    What was put together of several files can change both on its way.
    """
    resampler, before = None, None
    wanted: tuple[av.AudioLayout, int] | None = None
    for frame in frames:
        wanted = wanted or (frame.layout, frame.rate)
        now = frame.format.name, frame.layout.name, frame.rate
        if resampler is None or now != before:
            yield from resampler.resample(None) if resampler else ()
            resampler, before = av.AudioResampler("flt", *wanted), now
        frame.pts = None  # those of files that were put together go backwards
        yield from resampler.resample(frame)
    yield from resampler.resample(None) if resampler else ()


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
    seconds, samples = float(sys.argv[1]), int(sys.argv[2])
    report = decode(sys.stdin.buffer.read(), sys.stdout.buffer, seconds, samples)
    sys.stderr.write(f"{report}\n")


if __name__ == "__main__":
    main()
