"""What a process of the model can run in place of `serve`: the same, with a fault in it."""

import os
import struct
import threading

import torch

from voxcpm_space.engine.memory import Memory
from voxcpm_space.engine.model import Model
from voxcpm_space.engine.worker import serve

BREAK_THE_GPU = "Break the GPU."


def in_the_main_thread_only(*ends):
    """Fails where anything of the model happens in another thread."""
    for name in ("__init__", "warm_up", "check_context_length", "stream"):
        setattr(Model, name, _only_in_the_main_thread(getattr(Model, name)))
    serve(*ends)


def _only_in_the_main_thread(method):
    def checked(*arguments, **options):
        assert threading.current_thread() is threading.main_thread()
        return method(*arguments, **options)

    return checked


def with_a_broken_gpu(*ends):
    """Fails in a request that asks for it as CUDA does after an illegal access."""
    check = Model.check_context_length

    def check_or_fail(model, request, longest_text):
        if request.text == BREAK_THE_GPU:
            raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")
        check(model, request, longest_text)

    Model.check_context_length = check_or_fail
    serve(*ends)


def without_memory(*_):
    """Ends while the model is loaded, as Linux ends a process for which memory is not enough."""
    os._exit(137)


def silent_in_the_middle_of_an_answer(connection, _):
    """Says that it has loaded, and comes to a standstill while it writes what it makes."""
    connection.recv()
    connection.send((48_000, Memory(used=0, free=0)))
    connection.recv()
    os.write(connection.fileno(), struct.pack("!i", 1_000_000) + b"the first samples")
    threading.Event().wait()
