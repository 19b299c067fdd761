"""spaces 0.51.3, the package of ZeroGPU: what its public names do not tell."""

from enum import Enum, auto

from spaces.config import Config

_WORKER_ERROR = "ZeroGPU worker error"
_WORKER_KILLED = "GPU task aborted"
_OUT_OF_QUOTA = {
    "ZeroGPU quota exceeded",
    "ZeroGPU pending credits exceeded",
    "ZeroGPU illegal duration",
}
_NOT_IN_TIME = "No GPU was available"
"""Starts what it says when waiting was in vain, under the title of a used-up quota, too."""


class Failure(Enum):
    """Why a function on ZeroGPU did not come to its end."""

    OUT_OF_QUOTA = auto()
    NO_GPU = auto()
    GPU_LOST = auto()
    IN_WORKER = auto()
    """It raised; the message is the name of the exception's class."""


def is_zero_gpu() -> bool:
    """Tells whether this is a Space on ZeroGPU.

    `spaces` reads it from `SPACES_ZERO_GPU`, in its own way, and has no public name for it.
    """
    return bool(Config.zero_gpu)


def failure(title: str, message: str) -> Failure:
    """Tells what one of its `gr.Error`s means, which differ in nothing but title and message."""
    if title == _WORKER_ERROR:
        return Failure.GPU_LOST if message == _WORKER_KILLED else Failure.IN_WORKER
    if title in _OUT_OF_QUOTA and not message.startswith(_NOT_IN_TIME):
        return Failure.OUT_OF_QUOTA
    return Failure.NO_GPU
