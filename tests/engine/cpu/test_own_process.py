"""Threads of the process of the model."""

import subprocess
import sys

READY = "from voxcpm_space.engine.cpu.own_process import prepare_own_process as prepare; prepare();"
ASKED = "import os; print(os.environ['OMP_WAIT_POLICY'], os.environ['GOMP_SPINCOUNT'])"


def said(program, **environment):
    return subprocess.check_output(
        [sys.executable, "-c", program], env={"PATH": "", **environment}, text=True
    )


def test_threads_look_for_work_a_moment_before_they_sleep():
    assert said(READY + ASKED).split() == ["PASSIVE", "1000"]
    assert said(READY + ASKED, GOMP_SPINCOUNT="7").split() == ["PASSIVE", "7"]
