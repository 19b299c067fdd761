"""Finds the file that a front door was given, wherever it is."""

import hashlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from voxcpm_space.compat.gradio import upload_folder
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clip_of
from voxcpm_space.messages import N_, Message
from voxcpm_space.reference.data_url import read_data_url
from voxcpm_space.reference.fetch import MAX_BYTES, fetch, too_large
from voxcpm_space.reference.targets import Target

_NOT_A_CLIP = N_(
    "reference_audio_url must be an http(s) or data: URL, the name of an example clip, or an "
    "uploaded file (with gradio_client: handle_file('clip.wav'))."
)


@dataclass(frozen=True)
class Source:
    """A file that may be read.

    Attributes:
        key: The same for the same file, another once it has changed on this machine's disk.
        read: Gives its content, at most 25 MB. Raises InputError where it cannot be had.
    """

    key: Hashable
    read: Callable[[], bytes]


def find_clip(source: object, targets: Sequence[Target]) -> Source:
    """Finds the encoded clip that `source` names.

    Args:
        source: What `find_file` takes, or the name of an example clip.
        targets: Where URLs may lead to.

    Raises:
        InputError: There is none, or it may not be read.
    """
    location = _location(source)
    if not location:
        raise InputError(
            N_("There is no reference clip. Please upload or record one, or give a URL.")
        )
    example = clip_of(location)
    return local_file(example.path) if example else find_file(source, targets, _NOT_A_CLIP)


def find_file(source: object, targets: Sequence[Target], refusal: Message) -> Source:
    """Finds the file that `source` names.

    Args:
        source: An http(s) or `data:` URL, or an uploaded file: its path, or gradio_client's
            `handle_file` dict with a `path` or `url`. Only files inside Gradio's upload folder
            are read. A `Source` is given back.
        targets: Where URLs may lead to.
        refusal: What is said of anything else.

    Raises:
        InputError: It is not one, or may not be read.
    """
    if isinstance(source, Source):
        return source
    location = _location(source)
    if not isinstance(location, str):
        raise InputError(refusal)
    scheme = location.partition(":")[0].lower()
    if scheme in {"http", "https"}:
        return Source(location, partial(fetch, location, targets))
    if scheme == "data":
        digest = hashlib.sha256(location.encode(errors="surrogatepass")).digest()
        return Source(digest, lambda: _limited(read_data_url(location)))
    return local_file(_uploaded(location, refusal))


def _location(source: object) -> object:
    if isinstance(source, dict):
        source = source.get("path") or source.get("url")
    return source.strip() if isinstance(source, str) else source


def local_file(path: Path) -> Source:
    """Gives a file of this machine that may be read, whoever asks."""
    state = path.stat()
    key = (path, state.st_ino, state.st_size, state.st_mtime_ns)

    def read() -> bytes:
        with path.open("rb") as file:
            return _limited(file.read(MAX_BYTES + 1))

    return Source(key, read)


def _limited(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise too_large()
    return content


def _uploaded(location: str, refusal: Message) -> Path:
    try:
        path = Path(location).resolve(strict=True)
    except (OSError, ValueError) as error:
        raise InputError(refusal) from error
    # Paths arrive unchecked from programs: any other file of this machine stays unread.
    if not (path.is_file() and path.is_relative_to(upload_folder())):
        raise InputError(refusal)
    return path
