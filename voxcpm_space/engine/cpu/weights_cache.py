"""Weights of 8 bits on the disk, so that they are computed at the first load only.

Each layer of a checkpoint is a safetensors file of its own: models that load at the same time, and
one that is ended in the middle, leave only whole files. What is on the disk does not depend on the
order in which a CPU reads weights, which torch can neither save nor load.
"""

import hashlib
import logging
import os
import platform
import shutil
import threading
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from voxcpm_space.compat.torch import per_channel_qint8

logger = logging.getLogger(__name__)

_FOLDER = ".voxcpm-int8"
_WORTH_CACHING = 2**28
"""Bytes of a checkpoint; the weights of a smaller one are computed within a second."""
_FORMAT = "1"
"""To be raised when other weights are computed, or the same are stored otherwise."""
_FILES = ("config.json", "model.safetensors")
_SAMPLES, _SAMPLE_BYTES = 256, 4096
"""What is read of a checkpoint to tell it from others: sizes and times of files are the same for
whatever was trained from it, where an image or a package sets all times to one."""


class WeightsCache:
    """The weights of a checkpoint's layers. Layers can be read and written by several threads."""

    def __init__(self, folder: Path, key: str) -> None:
        """Takes where the files are, and a key that is that of their checkpoint and versions."""
        self._folder, self._key = folder, key
        self._lock = threading.Lock()
        self._is_told = self._is_full = False

    def read(self, layer: str) -> list[Tensor] | None:
        """Gives what was written for a layer; None where it has to be computed."""
        try:
            with safe_open(file := self._file(layer), framework="pt") as stored:
                tensors = {name: stored.get_tensor(name) for name in sorted(stored.keys())}
                metadata = stored.metadata()
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError) as error:
            self._throw_away(file, error)
            return None
        if metadata != self._metadata(tensors):
            self._throw_away(file, "it is not what was written")
            return None
        scales, values = (list(tensors.values())[half::2] for half in (0, 1))
        return [per_channel_qint8(*weight) for weight in zip(values, scales, strict=True)]

    def write(self, layer: str, weights: Sequence[Tensor]) -> None:
        """Stores the weights of a layer, each of shape (outputs, inputs) in qint8 by output."""
        if self._is_full:
            return
        tensors = {}
        for number, weight in enumerate(weights):
            tensors[f"{number}.scales"] = weight.q_per_channel_scales()
            tensors[f"{number}.values"] = weight.int_repr()
        file = self._file(layer)
        part = file.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            save_file(tensors, part, self._metadata(tensors))
            part.replace(file)
        except (OSError, SafetensorError) as error:
            self._give_up(error)

    def _file(self, layer: str) -> Path:
        return self._folder / f"{layer}.safetensors"

    def _metadata(self, tensors: Mapping[str, Tensor]) -> dict[str, str]:
        checksum = 0
        for name in sorted(tensors):
            checksum = zlib.crc32(tensors[name].numpy().data, checksum)
        return {"key": self._key, "crc32": f"{checksum:08x}"}

    def _throw_away(self, file: Path, why: object) -> None:
        with self._lock:
            if not self._is_told:
                logger.warning("Weights in %s are thrown away and made anew: %s", file, why)
            self._is_told = True

    def _give_up(self, why: object) -> None:
        with self._lock:
            if not self._is_full:
                logger.warning(
                    "Weights of 8 bits are not kept for the next start in %s: %s", self._folder, why
                )
            self._is_full = True


def weights_cache(checkpoint: Path, folder: Path | None) -> WeightsCache | None:
    """Gives the cache of a checkpoint, and deletes those of other versions.

    Args:
        checkpoint: Its folder.
        folder: Where caches are; None for beside the checkpoint.

    Returns:
        None where it was not asked for, and would gain nothing.
    """
    try:
        size = (checkpoint / "model.safetensors").stat().st_size
        if folder is None and size < _WORTH_CACHING:
            return None
        of_checkpoint = f"{_identity(checkpoint)}-{_cpu()}"
    except OSError:
        return None  # loading says what is wrong
    caches = folder or checkpoint / _FOLDER
    key = f"{of_checkpoint}-{_digest(f'{torch.__version__} {_FORMAT}')}"
    for other in caches.glob(f"{of_checkpoint}-*"):
        if other.name != key:
            logger.info("%s is of another version, and deleted", other)
            shutil.rmtree(other, ignore_errors=True)
    return WeightsCache(caches / key, key)


def _identity(checkpoint: Path) -> str:
    parts = []
    for name in _FILES:
        with (checkpoint / name).open("rb") as file:
            size, time = os.fstat(file.fileno()).st_size, os.fstat(file.fileno()).st_mtime_ns
            parts += [f"{name} {size} {time}".encode()]
            for place in range(0, size, max(1, size // _SAMPLES)):
                file.seek(place)
                parts += [file.read(_SAMPLE_BYTES)]
    return _digest(b"".join(parts))


def _cpu() -> str:
    """How the CPU rounds, which decides the last bit."""
    return _digest(f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}")


def _digest(what: bytes | str) -> str:
    data = what.encode() if isinstance(what, str) else what
    return hashlib.blake2b(data, digest_size=8).hexdigest()
