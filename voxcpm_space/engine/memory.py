"""How much memory a model takes where it runs, and how much is left there for more of them."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")
_LIMIT_AND_USE = "memory.max", "memory.current"
"""What Linux says that a container may have and has (cgroup v2)."""
_CUDA_CONTEXT_BYTES = 600 * 2**20
"""What a process takes on a card beside torch's allocations: some 0.5 GB on an H100."""


@dataclass(frozen=True)
class Memory:
    """Of the device that a model was loaded to.

    Attributes:
        used: Bytes that the model and its process take.
        free: Bytes that are left.
    """

    used: int
    free: int


def measure(device: str) -> Memory:
    """Measures in the process of a loaded model; `device` is torch's name of where it is."""
    import torch  # noqa: PLC0415  (450 MB, which the process of the server does without)

    if device.startswith("cuda"):
        free, _ = torch.cuda.mem_get_info(device)
        return Memory(torch.cuda.memory_reserved(device) + _CUDA_CONTEXT_BYTES, free)
    return Memory(psutil.Process().memory_info().rss, _free_for_processes())


def _free_for_processes() -> int:
    free = psutil.virtual_memory().available
    with suppress(OSError, ValueError):  # no container, or one without a limit
        limit, used = (int((_CGROUP / name).read_text()) for name in _LIMIT_AND_USE)
        free = min(free, limit - used)
    return free
