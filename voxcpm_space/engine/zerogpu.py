"""What ZeroGPU says when it gives no GPU or takes one away, in words for people."""

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from voxcpm_space.errors import GpuLostError, NoGpuError, QuotaError

# Titles and messages of spaces 0.51.3, whose errors differ in nothing else.
_WORKER_ERROR = "ZeroGPU worker error"
_WORKER_KILLED = "GPU task aborted"
_OUT_OF_QUOTA = {
    "ZeroGPU quota exceeded",
    "ZeroGPU pending credits exceeded",
    "ZeroGPU illegal duration",
}
_NOT_IN_TIME = "No GPU was available"
"""Starts what it says when waiting was in vain, under the title of a used-up quota, too."""


@contextmanager
def zerogpu_in_our_words() -> Iterator[None]:
    """Turns ZeroGPU's errors into ours, with what to do.

    Raises:
        QuotaError: The visitor has used up the GPU time of the day.
        NoGpuError: No GPU came free in time.
        GpuLostError: It was taken away before the end.
        RuntimeError: The take failed in its worker, whose log has the traceback.
    """
    try:
        yield
    except gr.Error as error:
        raise _in_our_words(error) from error


def _in_our_words(error: gr.Error) -> Exception:
    said = str(error.message).strip()
    if error.title == _WORKER_ERROR:
        return GpuLostError() if said == _WORKER_KILLED else RuntimeError(f"{said} in a worker")
    if error.title in _OUT_OF_QUOTA and not said.startswith(_NOT_IN_TIME):
        return QuotaError(said)
    return NoGpuError()
