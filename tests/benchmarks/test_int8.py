"""What the benchmark of weights of 8 bits measures tells voices and words apart."""

import numpy as np
import pytest
import soxr

from tests.benchmarks import int8
from tests.listening import read
from voxcpm_space.examples import clips

pytestmark = pytest.mark.slow

VOICE = "english-female-slt"


def halves():
    """The first halves of all example clips at 16 kHz, and the second ones."""
    whole = [soxr.resample(*read(clip.path), int8.RATE) for clip in clips()]
    return [clip[: len(clip) // 2] for clip in whole], [clip[len(clip) // 2 :] for clip in whole]


def test_each_voice_is_more_alike_itself_than_any_other_one():
    first, later = halves()
    assert np.allclose(int8.alike(first, first), 1, atol=1e-5)
    own = int8.alike(later, first)
    assert min(own) > 0.5
    for turn in range(1, len(later)):
        others = int8.alike(later[turn:] + later[:turn], first)
        assert all(np.array(own) > others)


def test_latents_that_are_twice_as_long_are_as_far_as_they_are_long():
    exact = [np.ones((4, 64), np.float32)]
    assert int8.distances([2 * exact[0]], exact) == [1.0]
    assert int8.distances(exact, exact) == [0.0]


def test_words_are_counted_by_what_whisper_hears():
    found = {clip.voice: clip for clip in clips()}
    clip = found[VOICE]
    samples = soxr.resample(*read(clip.path), int8.RATE)
    assert int8.word_error_rate([clip.transcript], [samples]) < 0.2
    assert int8.word_error_rate(["Something else is said here."], [samples]) > 0.8
