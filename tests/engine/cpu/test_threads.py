"""Threads of the process of the model."""

import subprocess
import sys

READY = "from voxcpm_space.engine.cpu import process_tuning as own; own.limit_thread_spinning();"
ASKED = "import os; print(os.environ['OMP_WAIT_POLICY'], os.environ['GOMP_SPINCOUNT'])"


def test_threads_look_for_work_a_moment_before_they_sleep(monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    assert settled() == ["PASSIVE", "1000"]


def test_what_the_owner_of_the_machine_has_set_stays(monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    assert settled() == ["ACTIVE", "7"]


def settled():
    return subprocess.check_output([sys.executable, "-c", READY + ASKED], text=True).split()
