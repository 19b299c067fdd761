"""What spaces, ZeroGPU's package, does not say in public names."""

from pathlib import Path

import pytest
import spaces as library

from voxcpm_space.compat import spaces
from voxcpm_space.compat.spaces import Failure, failure


def source(module):
    """Read, not imported: that looks for a GPU's driver."""
    return (Path(library.__file__).parent / "zero" / f"{module}.py").read_text("utf-8")


@pytest.mark.parametrize("text", ["_WORKER_ERROR", "_WORKER_KILLED"])
def test_what_it_says_of_a_worker_is_still_the_same(text):
    assert f'"{getattr(spaces, text)}"' in source("wrappers")


@pytest.mark.parametrize("text", [*sorted(spaces._OUT_OF_QUOTA), spaces._NOT_IN_TIME])
def test_what_it_says_of_a_refusal_is_still_the_same(text):
    assert text in source("client")


def test_its_words_are_understood():
    assert failure("ZeroGPU worker error", "GPU task aborted") is Failure.GPU_LOST
    assert failure("ZeroGPU worker error", "ValueError") is Failure.IN_WORKER
    assert failure("ZeroGPU quota exceeded", "6s requested") is Failure.OUT_OF_QUOTA
    assert failure("ZeroGPU quota exceeded", "No GPU was available after 60s") is Failure.NO_GPU


def test_it_is_known_that_this_is_no_space_on_zerogpu():
    """tests/zerogpu starts one that is."""
    assert not spaces.is_zero_gpu()
    assert type(spaces.Config.zero_gpu) is bool
