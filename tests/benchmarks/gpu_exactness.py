"""How near our ways on a CUDA card are to voxcpm's own; a part of `gpu`."""

import json
import shutil
from itertools import chain
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from tests.benchmarks.gpu_requests import TEXT, tell
from voxcpm_space.engine.cuda.faster import capture_graphs, fuse_layers
from voxcpm_space.engine.loading import load_voxcpm

NOISE = "voxcpm float32 with the noise of bfloat16"
COMPARED = (
    ("fused float32", "voxcpm float32"),
    ("graphs float32", "voxcpm float32"),
    ("voxcpm bfloat16", NOISE),
    ("fused bfloat16", NOISE),
    ("graphs bfloat16", NOISE),
    ("graphs bfloat16", "voxcpm bfloat16"),
)
"""What is ours, and what it is held against."""

Generation = list[tuple[torch.Tensor, torch.Tensor]]
"""Latents and samples of each patch."""


def measure_exactness(folder: Path, device: str) -> None:
    """Ours against voxcpm's own, from the same seeds, patch by patch."""
    made = made_in_each_way(in_float32(folder), device, "float32")
    made |= made_in_each_way(folder, device, "bfloat16")
    for ours, theirs in COMPARED:
        if ours in made:
            tell(exact=f"{ours} against {theirs}", **distance(made[ours], made[theirs]))


def in_float32(folder: Path) -> Path:
    """The same checkpoint, for computing in float32."""
    shutil.rmtree(exact := folder / "float32", ignore_errors=True)
    exact.mkdir()
    for file in folder.iterdir():
        if file.is_file() and file.name != "config.json":
            (exact / file.name).symlink_to(file.resolve())
    config = json.loads((folder / "config.json").read_text())
    (exact / "config.json").write_text(json.dumps(config | {"dtype": "float32"}))
    return exact


def made_in_each_way(folder: Path, device: str, dtype: str) -> dict[str, list[Generation]]:
    model = load_voxcpm(folder, device)
    made = {f"voxcpm {dtype}": generations_of(model)}
    if dtype == "float32":
        with mock.patch.object(torch, "randn", noise_of_bfloat16):
            made[NOISE] = generations_of(model)
    if fuse_layers(model):
        made[f"fused {dtype}"] = generations_of(model)
    if capture_graphs(model):
        made[f"graphs {dtype}"] = generations_of(model)
    return made


def noise_of_bfloat16(*shape: Any, dtype: torch.dtype, device: str) -> torch.Tensor:
    """For voxcpm: a seed means other numbers in another format."""
    return torch.empty(*shape, dtype=torch.bfloat16, device=device).normal_().to(dtype)


@torch.inference_mode()
def generations_of(model: Any) -> list[Generation]:
    """Of six patches each."""
    generations = []
    for seed, steps, cfg_value in ((1, 10, 2.0), (2, 10, 2.0), (3, 4, 1.7)):
        torch.manual_seed(seed)
        patches = model.generate_with_prompt_cache_streaming(
            TEXT, None, max_len=6, inference_timesteps=steps, cfg_value=cfg_value
        )
        generations.append([(latest[-1].float().cpu(), audio) for audio, _, latest in patches])
    return generations


def distance(ours: list[Generation], theirs: list[Generation]) -> dict[str, Any]:
    """Of latents the root mean square of the difference, as a part of theirs; of samples the most.

    Later patches go on from earlier ones, whose rounding they carry on.
    """
    pairs = [list(zip(*both, strict=True)) for both in zip(ours, theirs, strict=True)]
    latents = [
        [f"{((one - other).norm() / other.norm()).item():.1e}" for (one, _), (other, _) in pair]
        for pair in pairs
    ]
    samples = max((one - other).abs().max().item() for (_, one), (_, other) in chain(*pairs))
    return {"latents_by_patch": latents, "samples": f"{samples:.1e}"}
