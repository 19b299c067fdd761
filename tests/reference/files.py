"""Makes files of every kind that people send, and of some that only an attacker does."""

import io
import struct
import zlib
from dataclasses import dataclass, field
from functools import cache

import av
import numpy as np
import soundfile
import soxr
from av.stream import Disposition

RATE = 48_000


@dataclass(frozen=True)
class Kind:
    """How FFmpeg calls container and codec."""

    container: str
    codec: str
    rate: int = RATE
    layout: str = "mono"
    video: str = ""
    options: dict[str, str] = field(default_factory=dict)


WITH_SOUNDFILE = {
    "wav-u8": {"format": "WAV", "subtype": "PCM_U8"},
    "wav-16": {"format": "WAV", "subtype": "PCM_16"},
    "wav-24": {"format": "WAV", "subtype": "PCM_24"},
    "wav-32": {"format": "WAV", "subtype": "PCM_32"},
    "wav-float": {"format": "WAV", "subtype": "FLOAT"},
    "wav-double": {"format": "WAV", "subtype": "DOUBLE"},
    "wav-mu-law": {"format": "WAV", "subtype": "ULAW"},
    "wav-a-law": {"format": "WAV", "subtype": "ALAW"},
    "wav-ms-adpcm": {"format": "WAV", "subtype": "MS_ADPCM"},
    "w64": {"format": "W64"},
    "rf64": {"format": "RF64"},
    "flac": {"format": "FLAC"},
    "mp3": {"format": "MP3"},
    "ogg-vorbis": {"format": "OGG"},
    "aiff": {"format": "AIFF"},
    "au": {"format": "AU"},
}
WITH_FFMPEG = {
    "ogg-opus": Kind("ogg", "libopus"),
    "webm": Kind("webm", "libopus"),
    "m4a": Kind("ipod", "aac"),
    "m4a-lossless": Kind("ipod", "alac"),
    "aac": Kind("adts", "aac"),
    "amr": Kind("amr", "libopencore_amrnb", rate=8_000),
    "3gp": Kind("3gp", "libopencore_amrnb", rate=8_000),
    "mp4": Kind("mp4", "aac", video="mpeg4"),
    "mov": Kind("mov", "pcm_s16le", video="mjpeg"),
    "mkv": Kind("matroska", "libmp3lame", video="mpeg4"),
    "avi": Kind("avi", "libmp3lame", video="mpeg4"),
    "mpeg-ts": Kind("mpegts", "aac"),
    "m4a-stereo": Kind("ipod", "aac", layout="stereo"),
    "mkv-5.1": Kind("matroska", "ac3", layout="5.1"),
}
KINDS = [*WITH_SOUNDFILE, *WITH_FFMPEG]


def noisy_tone(seconds):
    """Gives a tone of amplitude 0.3, and a little noise, at 48 kHz."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(0).normal(0, 0.03, len(time))
    return (0.3 * np.sin(2 * np.pi * 300 * time) + noise).astype(np.float32)


def made(kind, samples):
    """Encodes mono float32 samples at 48 kHz."""
    if kind in WITH_SOUNDFILE:
        return written(samples, RATE, **WITH_SOUNDFILE[kind])
    return encoded(WITH_FFMPEG[kind], samples)


def written(samples, sample_rate, **options):
    file = io.BytesIO()
    soundfile.write(file, samples, sample_rate, **{"format": "WAV"} | options)
    return file.getvalue()


def encoded(kind, samples, *, piped=False, tags=None):
    """Encodes samples at 48 kHz: mono, or of several channels, shape (channels, samples).

    What is `piped` cannot go back to write its length into its header.
    """
    file = _Pipe() if piped else io.BytesIO()
    with av.open(file, "w", kind.container) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(
            kind.codec, rate=kind.rate, layout=kind.layout, options=kind.options
        )
        if kind.video:
            _add_video(container, kind.video, samples.shape[-1] / RATE)
        for packet in _packets(stream, np.atleast_2d(samples)):
            container.mux(packet)
    return file.getvalue()


def _packets(stream, samples):
    frame_size = stream.codec_context.frame_size or 1024
    resampler = av.AudioResampler(stream.format, stream.layout, stream.rate, frame_size)
    layout = "mono" if len(samples) == 1 else stream.layout
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
    frame.sample_rate, frame.pts = RATE, 0
    for piece in (*resampler.resample(frame), *resampler.resample(None), None):
        yield from stream.encode(piece)


class _Pipe:
    """Has no `seek`."""

    def __init__(self):
        self._written = bytearray()

    def write(self, data):
        self._written += data
        return len(data)

    def getvalue(self):
        return bytes(self._written)


def film(tracks, *, container, seconds, codec="libopus", video="mpeg4", delay=0.0, default=0):
    """Puts tracks of mono samples at 48 kHz together with pictures.

    The sound begins after a `delay` in seconds. Players choose the track with the number `default`.
    """
    file = io.BytesIO()
    with av.open(file, "w", container) as film:
        streams = [film.add_stream(codec, rate=RATE, layout="mono") for _ in tracks]
        for number, stream in enumerate(streams):
            stream.disposition = Disposition.default if number == default else Disposition(0)
        _add_video(film, video, seconds)
        for stream, samples in zip(streams, tracks, strict=True):
            for packet in _packets(stream, np.atleast_2d(samples)):
                packet.pts = packet.dts = packet.pts + int(delay / packet.time_base)
                film.mux(packet)
    return file.getvalue()


def _add_video(container, codec, seconds):
    stream = container.add_stream(codec, rate=5)
    stream.width, stream.height = 64, 48
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    stream.codec_context.options = {"strict": "unofficial"}
    for _ in range(int(5 * seconds)):
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(picture.reformat(format=stream.pix_fmt)))
    container.mux(stream.encode(None))


def silent_film():
    file = io.BytesIO()
    with av.open(file, "w", "mp4") as container:
        _add_video(container, "mpeg4", 2)
    return file.getvalue()


def picture():
    file = io.BytesIO()
    with av.open(file, "w", "image2pipe") as container:
        _add_video(container, "mjpeg", 0.2)
    return file.getvalue()


@cache
def header_bomb(size=200 * 2**20):
    """A QuickTime file of a fifth of a megabyte whose header unpacks to `size` bytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(size // 2**20)) + packer.flush()

    def atom(name, content):
        return struct.pack(">I", 8 + len(content)) + name + content

    packed_header = atom(b"dcom", b"zlib") + atom(b"cmvd", struct.pack(">I", size) + packed)
    return atom(b"ftyp", b"qt  \0\0\0\0qt  ") + atom(b"moov", atom(b"cmov", packed_header))


@cache
def hours_of_silence():
    """Two hours in less than a megabyte."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 8_000, 1, "PCM_16", format="FLAC") as sound:
        for _ in range(120):
            sound.write(np.zeros(60 * 8_000, np.int16))
    return file.getvalue()


def resampled(path):
    """Reads a file as mono float32 samples at 48 kHz."""
    samples, sample_rate = soundfile.read(path, dtype="float32")
    return soxr.resample(samples, sample_rate, RATE)
