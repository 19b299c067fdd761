import subprocess
import sys

import gradio as gr
import pytest

from voxcpm_space.engine.zerogpu import zerogpu_errors
from voxcpm_space.errors import GpuLostError, NoGpuError, QuotaError


@pytest.mark.parametrize(
    ("title", "said", "meant", "status"),
    [
        ("ZeroGPU quota exceeded", "6s requested vs. 3s left. ", QuotaError, 429),
        ("ZeroGPU pending credits exceeded", "Too many credits.", QuotaError, 429),
        ("ZeroGPU illegal duration", "Larger than the maximum.", QuotaError, 429),
        ("ZeroGPU quota exceeded", "No GPU was available after 60s. Try", NoGpuError, 503),
        ("ZeroGPU queue timeout", "No GPU was available after 60s", NoGpuError, 503),
        ("ZeroGPU client error", "No GPU was available", NoGpuError, 503),
        ("ZeroGPU worker error", "GPU task aborted", GpuLostError, 503),
    ],
)
def test_every_refusal_says_what_to_do_with_a_status_for_programs(title, said, meant, status):
    with pytest.raises(meant, match="Please try again") as refusal, zerogpu_errors():
        raise gr.Error(said, title=title)
    assert refusal.value.status == status
    if meant is QuotaError:
        assert str(refusal.value).endswith(f"It says: {said.strip()}")


def test_what_fails_in_a_worker_is_a_fault_of_ours():
    with pytest.raises(RuntimeError, match="OutOfMemoryError"), zerogpu_errors():
        raise gr.Error("OutOfMemoryError", title="ZeroGPU worker error")


WORKER_WITH_GARBAGE = """
import gc, multiprocessing
import numpy as np
from voxcpm_space.encoding import FORMATS, StreamEncoder
from voxcpm_space.engine.zerogpu import ZeroGPUModel
from voxcpm_space.settings import Settings

def leave_garbage():
    encoder = StreamEncoder(FORMATS["mp3"], 48_000, "")
    encoder.encode(np.zeros(48_000, np.float32))
    encoder.itself = encoder

ZeroGPUModel(Settings())
gc.disable()
leave_garbage()
worker = multiprocessing.get_context("fork").Process(target=gc.collect, daemon=True)
worker.start()
worker.join(20)
assert worker.exitcode == 0, "it hangs"
assert gc.isenabled()
"""


def test_a_worker_does_not_wait_for_threads_of_ffmpeg_that_stayed_behind():
    subprocess.run([sys.executable, "-W", "ignore", "-c", WORKER_WITH_GARBAGE], check=True)
