import gradio as gr
import pytest

from voxcpm_space.engine.zerogpu import zerogpu_in_our_words
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
    with pytest.raises(meant, match="Please try again") as refusal, zerogpu_in_our_words():
        raise gr.Error(said, title=title)
    assert refusal.value.status == status
    if meant is QuotaError:
        assert str(refusal.value).endswith(f"It says: {said.strip()}")


def test_what_fails_in_a_worker_is_a_fault_of_ours():
    with pytest.raises(RuntimeError, match="OutOfMemoryError"), zerogpu_in_our_words():
        raise gr.Error("OutOfMemoryError", title="ZeroGPU worker error")
