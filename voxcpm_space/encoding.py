"""Audio encoded while it is being made."""

from dataclasses import dataclass
from typing import BinaryIO

import av
import numpy as np
from av.audio.stream import AudioStream

from voxcpm_space.audio import Waveform


@dataclass(frozen=True)
class AudioFormat:
    """How a format is called by FFmpeg and by HTTP."""

    container: str
    codec: str
    media_type: str


# Ogg collects a second of audio before it writes a page; a listener waits for a patch at most.
_OPTIONS = {"page_duration": "160000"}

FORMATS = {
    "mp3": AudioFormat("mp3", "libmp3lame", "audio/mpeg"),
    "opus": AudioFormat("ogg", "libopus", "audio/ogg"),
    "aac": AudioFormat("adts", "aac", "audio/aac"),
    "flac": AudioFormat("flac", "flac", "audio/flac"),
    "wav": AudioFormat("wav", "pcm_s16le", "audio/wav"),
    "pcm": AudioFormat("s16le", "pcm_s16le", "audio/pcm"),
}


class StreamEncoder:
    """Encodes a stream of mono samples, chunk by chunk."""

    def __init__(
        self,
        audio_format: AudioFormat,
        sample_rate: int,
        comment: str,
        file: BinaryIO | None = None,
    ) -> None:
        """Starts a stream.

        Args:
            audio_format: One of `FORMATS`.
            sample_rate: In Hz.
            comment: Goes into the comment tag, where the format can hold one.
            file: Takes it all instead; its header tells the length, which is known at the end.
        """
        self._sink = _Sink()
        options = _OPTIONS if audio_format.container == "ogg" else {}
        self._container = av.open(file or self._sink, "w", audio_format.container, options)
        self._container.metadata["comment"] = comment
        stream = self._container.add_stream(audio_format.codec, rate=sample_rate, layout="mono")
        assert isinstance(stream, AudioStream)
        self._stream = stream
        self._sample_rate = sample_rate

    def encode(self, waveform: Waveform) -> bytes:
        """Takes samples of full scale -1 to 1, shape (samples,); gives what is encoded so far."""
        if not len(waveform):
            return b""
        pcm = np.clip(np.rint(waveform * 2**15), -(2**15), 2**15 - 1).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = self._sample_rate
        self._container.mux(self._stream.encode(frame))
        return self._sink.take()

    def finish(self) -> bytes:
        """Gives the rest."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._sink.take()


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
