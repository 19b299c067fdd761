"""How the threads of a process behave that has only VoxCPM2 to compute."""

import os

_LOOKS = "1000"
"""How often a thread looks for work before it sleeps: as libgomp does where cores are short.

With none, a patch in 8 bits took 1.2 x as long, since the other core had to be woken for each
operation. With libgomp's own 300,000, threads kept the cores from the page: where both were busy,
a request of 2.4 s of audio took 16 to 38 s, and with threads that sleep 2 to 5 s.
"""


def limit_thread_spinning() -> None:
    """Sets it where the environment does not; to be called before torch is imported."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", _LOOKS)
