"""Where the time of a patch goes on a CUDA card; a part of `gpu`."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from tests.benchmarks.gpu_requests import milliseconds, streamed, take, tell
from voxcpm_space.engine.model import Model

PROFILED_PATCHES, FEW_PATCHES, MANY_PATCHES = 12, 2, 6
MOST_KERNELS = 14
CALLS = ("cudaLaunch", "cuLaunch", "cudaGraphLaunch")


def profile_parts(model: Model, way: str) -> None:
    """Where the time of a patch goes, each part waited for."""
    voxcpm, spent = model._voxcpm, Counter[str]()
    undo = [
        watch(voxcpm.base_lm, "forward_step", "LM", spent),
        watch(voxcpm.residual_lm, "forward_step", "residual LM", spent),
        watch(voxcpm.feat_decoder, "forward", "LocDiT", spent),
        watch(voxcpm.feat_encoder, "forward", "LocEnc", spent),
    ]
    decoder, name = voxcpm.audio_vae, "decode"
    if hasattr(voxcpm.audio_vae.streaming_decode, "decode_chunk"):
        decoder, name = voxcpm.audio_vae.streaming_decode, "decode_chunk"
    undo.append(watch(decoder, name, "AudioVAE", spent))
    times = streamed(model, take(), PROFILED_PATCHES)
    for take_back in undo:
        take_back()
    parts = {part: milliseconds(seconds / PROFILED_PATCHES) for part, seconds in spent.items()}
    a_patch = (times[-1] - times[0]) / (PROFILED_PATCHES - 1)
    tell(way=way, parts_ms=parts, patch_ms=milliseconds(a_patch))


def watch(owner: Any, name: str, part: str, spent: Counter[str]) -> Callable[[], None]:
    """Counts the seconds that a method takes, until what it gives is called."""
    original = getattr(owner, name)

    def call(*arguments: Any, **options: Any) -> Any:
        wait_for_card()
        started = time.perf_counter()
        result = original(*arguments, **options)
        wait_for_card()
        spent[part] += time.perf_counter() - started
        return result

    setattr(owner, name, call)
    return partial(setattr, owner, name, original)


def wait_for_card() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def profile_launches(model: Model, way: str) -> None:
    """How many kernels a patch launches, and how long the card computes for it."""
    few, many = (launches(model, patches) for patches in (FEW_PATCHES, MANY_PATCHES))
    patches = MANY_PATCHES - FEW_PATCHES
    calls = {name: (count - few[0][name]) // patches for name, count in many[0].items()}
    tell(
        way=way,
        calls_a_patch={name: count for name, count in calls.items() if count},
        kernels_a_patch=(many[1].total() - few[1].total()) // patches,
        kernel_ms_a_patch=milliseconds((many[2].total() - few[2].total()) / patches),
    )
    for name, seconds in many[2].most_common(MOST_KERNELS):
        print(f"    {milliseconds(seconds):8.2f} ms {many[1][name]:6d} x {name[:110]}", flush=True)


def launches(model: Model, patches: int) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How often each of CUDA's calls was made, each kernel ran, and for how many seconds."""
    activity = torch.profiler.ProfilerActivity
    with torch.profiler.profile(activities=[activity.CPU, activity.CUDA]) as profiler:
        streamed(model, take(), patches)
    events = profiler.events()
    calls = Counter(event.name for event in events if event.name.startswith(CALLS))
    kernels = [event for event in events if event.device_type == torch.autograd.DeviceType.CUDA]
    seconds = Counter[str]()
    for kernel in kernels:
        seconds[kernel.name] += kernel.time_range.elapsed_us() / 1e6
    return calls, Counter(kernel.name for kernel in kernels), seconds
