"""How glibc is told to give memory back; what comes of it, tests/engine/cpu/test_memory.py sees."""

import ctypes
import sys

import pytest

from voxcpm_space.compat.glibc import set_malloc_thresholds


@pytest.mark.skipif(sys.platform != "linux", reason="others have other allocators")
def test_glibc_takes_the_thresholds():
    assert set_malloc_thresholds(mmap=2**25, trim=2**26)


def test_elsewhere_nothing_is_done(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())  # as musl's, which has none
    assert not set_malloc_thresholds(mmap=2**25, trim=2**26)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not set_malloc_thresholds(mmap=2**25)
