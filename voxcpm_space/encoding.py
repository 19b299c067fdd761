"""Audio encoded while it is being made."""

import io
from dataclasses import dataclass
from typing import BinaryIO

import av
import numpy as np
import soxr
from av.audio.stream import AudioStream

from voxcpm_space.audio import Waveform


@dataclass(frozen=True)
class AudioFormat:
    """How a format is called by FFmpeg and by HTTP.

    Attributes:
        container: FFmpeg's name of the container.
        codec: FFmpeg's name of the encoder.
        media_type: The Content-Type.
        is_streamable: Whether it can be played before its length is known.
    """

    container: str
    codec: str
    media_type: str
    is_streamable: bool = True


# Ogg collects a second of audio before it writes a page; a listener waits for a patch at most.
# Many programs take all that follows 44 bytes of a WAV file for samples, be it a comment.
_OPTIONS = {"ogg": {"page_duration": "160000"}, "wav": {"fflags": "bitexact"}}

FORMATS = {
    "mp3": AudioFormat("mp3", "libmp3lame", "audio/mpeg"),
    "opus": AudioFormat("ogg", "libopus", "audio/ogg"),
    "aac": AudioFormat("adts", "aac", "audio/aac"),
    "flac": AudioFormat("flac", "flac", "audio/flac", is_streamable=False),
    "wav": AudioFormat("wav", "pcm_s16le", "audio/wav"),
    "pcm": AudioFormat("s16le", "pcm_s16le", "audio/pcm"),
}


class StreamEncoder:
    """Encodes a stream of mono samples, chunk by chunk.

    Attributes:
        sample_rate: Of what is encoded, in Hz.
    """

    def __init__(
        self,
        audio_format: AudioFormat,
        sample_rate: int,
        comment: str,
        file: BinaryIO | None = None,
        out_rate: int | None = None,
    ) -> None:
        """Starts a stream.

        Args:
            audio_format: One of `FORMATS`.
            sample_rate: Of what comes in, in Hz.
            comment: Goes into the comment tag, where the format can hold one: not in PCM, AAC and
                WAV.
            file: Takes it all instead; its header tells the length, which is known at the end.
            out_rate: Sample rate that is wanted, in Hz; the format's next one where it has not
                this one. The same as of what comes in where not given.
        """
        self.sample_rate = rate = _next_rate(audio_format.codec, out_rate or sample_rate)
        self._resampler = None if rate == sample_rate else soxr.ResampleStream(sample_rate, rate, 1)
        # FLAC's length stands in its header, without which libsndfile takes it for endless.
        self._sink = _Sink() if audio_format.is_streamable else _Whole()
        options = _OPTIONS.get(audio_format.container, {})
        self._container = av.open(file or self._sink, "w", audio_format.container, options)
        if audio_format.container != "wav":
            self._container.metadata["comment"] = comment
        stream = self._container.add_stream(audio_format.codec, rate=rate, layout="mono")
        assert isinstance(stream, AudioStream)
        self._stream = stream

    def encode(self, waveform: Waveform) -> bytes:
        """Takes samples of full scale -1 to 1, shape (samples,); gives what is encoded so far."""
        self._write(waveform, last=False)
        return self._sink.take()

    def finish(self) -> bytes:
        """Gives the rest."""
        self._write(np.zeros(0, np.float32), last=True)
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._sink.rest()

    def _write(self, waveform: Waveform, *, last: bool) -> None:
        if self._resampler:
            waveform = self._resampler.resample_chunk(waveform, last=last)
        if not len(waveform):
            return
        pcm = np.clip(np.rint(waveform * 2**15), -(2**15), 2**15 - 1).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = self.sample_rate
        self._container.mux(self._stream.encode(frame))


def _next_rate(codec: str, wanted: int) -> int:
    """Gives the lowest sample rate of a codec that loses nothing of this one, in Hz."""
    rates = av.Codec(codec, "w").audio_rates or [wanted]
    return min((rate for rate in rates if rate >= wanted), default=max(rates))


class _Sink:
    """A file that can only be written, so that FFmpeg writes nothing that it would go back to."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken

    def rest(self) -> bytes:
        return self.take()


class _Whole(io.BytesIO):
    """A file whose header FFmpeg writes anew at the end, so that nothing can be taken before."""

    def take(self) -> bytes:
        return b""

    def rest(self) -> bytes:
        return self.getvalue()
