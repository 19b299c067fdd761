"""A finished speech in other formats and as subtitles, made when they are asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias, get_args

from voxcpm_space.encoding import FORMATS, StreamEncoder
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.outputs import Outputs, read_chunks
from voxcpm_space.subtitles import srt, vtt
from voxcpm_space.synthesis import Span

Kind: TypeAlias = Literal["wav", "flac", "mp3", "opus", "srt", "vtt"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_SUBTITLES = {"srt": srt, "vtt": vtt}


def export_speech(outputs: Outputs, speech: Path, sentences: Sequence[Span], kind: str) -> Path:
    """Gives the file of a kind; what was made once is there as long as the speech.

    Args:
        outputs: Where the speech is stored.
        speech: Its WAV file.
        sentences: What is said in it, for subtitles.
        kind: One of `KINDS`, unchecked.

    Raises:
        InputError: There is no such kind, or the speech has expired.
        StorageError: It cannot be stored.
    """
    if kind not in KINDS:
        raise InputError(N_("The format must be one of {formats}.", formats=", ".join(KINDS)))
    with outputs.open(speech) as wav:

        def write(file: BinaryIO) -> None:
            if subtitles := _SUBTITLES.get(kind):
                file.write(subtitles(sentences).encode())
                return
            encoder = StreamEncoder(FORMATS[kind], wav.samplerate, wav.comment, file)
            for chunk in read_chunks(wav):
                encoder.encode(chunk)
            encoder.finish()

        return speech if kind == "wav" else outputs.store_beside(speech, f".{kind}", write)
