"""Lets ZeroGPU's own runtime work without a GPU: only what touches CUDA is replaced.

Install it before the application is imported.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from spaces.zero import torch as zero_torch
from spaces.zero import wrappers
from spaces.zero.torch import patching


def stay_on_cpu() -> None:
    """Workers leave a model that was loaded on the CPU where it is."""
    zero_torch.init = _init
    zero_torch.move = lambda **_: None


def emulate_cuda() -> None:
    """Workers keep the emulation in which the application loaded its model onto "cuda".

    They read what was packed to the disk, compute on the CPU, and refuse, as CUDA does, to mix
    tensors of both or to make arrays of those on "cuda". It takes about 15 times as long.
    """
    torch.Tensor.numpy = _numpy
    zero_torch.init = _init
    zero_torch.unpatch = lambda: None
    zero_torch.move = _unpack
    wrappers.ThreadPoolExecutor = _EmulatingPool


_numpy_of_any = torch.Tensor.numpy


def _numpy(tensor: torch.Tensor, **options):
    if tensor.device.type == "cuda":
        raise TypeError("can't convert cuda:0 device type tensor to numpy.")
    return _numpy_of_any(tensor, **options)


def _init(nvidia_uuid: str) -> None:
    os.environ["CUDA_VISIBLE_DEVICES"] = nvidia_uuid


class _EmulatingPool(ThreadPoolExecutor):
    """A worker's task runs in a thread of its own, and torch's modes belong to one thread."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments, initializer=patching.enter_mode if wrappers.forked else None)


def _unpack(callback=None) -> None:
    with torch._C.DisableTorchFunction():
        for pack in patching.tensor_packs:
            tensors = [one for batch in pack.batches for one in batch] + pack.big_tensors
            with Path(pack.path()).open("rb") as file:
                for meta, size, aligned_size in tensors:
                    unpacked = _tensor(meta, bytearray(file.read(aligned_size)[:size]))
                    patching.cuda_aliases.update(dict.fromkeys(pack.fakes[meta], unpacked))
                    if callback:
                        callback(size)


def _tensor(meta: torch.Tensor, content: bytearray) -> torch.Tensor:
    if not content:
        return torch.empty_like(meta)
    storage = torch.frombuffer(content, dtype=torch.uint8).untyped_storage()
    return torch.empty(0, dtype=meta.dtype).set_(storage, 0, meta.shape, meta.stride())


INSTALL = {"plain": stay_on_cpu, "emulated": emulate_cuda}
