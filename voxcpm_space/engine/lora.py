"""LoRA weights beside those of the model, of which each request can use others.

voxcpm's `LoRALinear` holds them, in layers that stay as they are. Where a layer is replaced by a
fused one, that one takes over the same parameters (`LoRAUpdates`). So they always stay where they
are in memory, which CUDA graphs rely on, and to use another LoRA is to copy its numbers there.
"""

import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F  # noqa: N812  (as everywhere)
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from voxcpm.model.utils import get_dtype
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.layers.lora import LoRALinear

from voxcpm_space.engine.lora_files import CONFIG, WEIGHTS
from voxcpm_space.errors import StartError

Pair: TypeAlias = tuple[Tensor, Tensor]
"""What is added to a weight is B times A: shapes (rank, inputs) and (outputs, rank)."""
LoRA: TypeAlias = Mapping[str, Pair]
"""Pairs by the names of the layers that they are added to."""

_A, _B = ".lora_A", ".lora_B"
_COMPUTED_ONCE = frozenset({"time_mlp", "delta_time_mlp"})
"""Parts of the DiT whose outputs are kept from patch to patch, and from request to request."""


class LoRASwitch:
    """The LoRAs of a model, of which one is in use."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """Reads them.

        Args:
            folders: As `find_loras` gives them.

        Raises:
            StartError: One cannot be read.
        """
        self._loras = {name: read_lora(folder) for name, folder in folders.items()}
        self._folders = folders
        self._parameters: dict[str, Pair] = {}
        self._used: str | None = None

    def attach(self, model: VoxCPM2Model) -> None:
        """Makes room for the largest of them beside each weight, where for now nothing is added.

        Args:
            model: As voxcpm builds it, with its weights or before it has them.

        Raises:
            StartError: One was trained for another model.
        """
        dtype = get_dtype(model.config.dtype)
        for layer, rank in self._ranks(model).items():
            # Multiplied by alpha / rank when it is read, so that ranks can differ.
            with_lora = LoRALinear(model.get_submodule(layer), r=rank, alpha=rank)
            for parameter in (with_lora.lora_A, with_lora.lora_B):
                parameter.requires_grad_(requires_grad=False).data = parameter.data.to(dtype)
            model.set_submodule(layer, with_lora)
            self._parameters[layer] = with_lora.lora_A, with_lora.lora_B

    def use(self, name: str) -> None:
        """Lets the model speak with one of them from now on; with none where it has no such one."""
        if name == self._used:
            return
        lora = self._loras.get(name, {})
        for layer, (first, second) in self._parameters.items():
            second.data.zero_()
            if layer in lora:
                a, b = lora[layer]
                first.data[: len(a)].copy_(a)
                second.data[:, : len(a)].copy_(b)
        self._used = name

    def _ranks(self, model: VoxCPM2Model) -> dict[str, int]:
        """Gives the highest rank for each layer, where all fit the model."""
        modules = dict(model.named_modules())
        ranks: dict[str, int] = {}
        for name, lora in self._loras.items():
            for layer, (a, b) in lora.items():
                if not _fits(modules.get(layer), layer, a, b):
                    raise StartError(
                        f"The LoRA in {self._folders[name]} was trained for another model: "
                        f"{layer} is no layer here that takes it."
                    )
                ranks[layer] = max(len(a), ranks.get(layer, 0))
        return ranks


class LoRAUpdates:
    """Adds what the LoRAs of some layers give, where one multiplication does the work of all."""

    def __init__(self, *layers: nn.Linear | LoRALinear) -> None:
        """Takes over the parameters of those among them that have a LoRA.

        Args:
            layers: Those whose outputs come one after the other.
        """
        self._parts: list[tuple[int, int, Tensor, Tensor]] = []
        start = 0
        for layer in layers:
            end = start + layer.out_features
            if isinstance(layer, LoRALinear):
                self._parts.append((start, end, layer.lora_A, layer.lora_B))
            start = end

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._parts)

    def add_to(self, outputs: Tensor, inputs: Tensor, scale: float = 1.0) -> Tensor:
        """Adds to `outputs`, shape (..., all outputs), in place what `inputs` lead to."""
        for start, end, a, b in self._parts:
            outputs[..., start:end].add_(F.linear(F.linear(inputs, a), b), alpha=scale)
        return outputs


def read_lora(folder: Path) -> dict[str, Pair]:
    """Reads what VoxCPM's training wrote: the weights, and beside them how they are scaled.

    Args:
        folder: Holds `lora_weights.safetensors` or `lora_weights.ckpt`, and `lora_config.json`.

    Returns:
        B is multiplied by alpha / rank already.

    Raises:
        StartError: It cannot be read, or says what cannot be.
    """
    try:
        tensors, config = _tensors(folder), _config(folder)
    except (OSError, ValueError, RuntimeError, SafetensorError, pickle.UnpicklingError) as error:
        raise StartError(f"The LoRA in {folder} cannot be read: {error}") from error
    pairs = {}
    for name in tensors:
        layer = name.removesuffix(_A).removesuffix(_B)
        a, b = tensors.get(layer + _A), tensors.get(layer + _B)
        if layer == name or a is None or b is None or not _is_pair(a, b, config.r):
            raise StartError(
                f"The LoRA in {folder} cannot be used: {name} is not one of two matrices of rank "
                f"{config.r}, which {CONFIG} says."
            )
        pairs[layer] = a, b.float() * (config.alpha / config.r)
    return pairs


class _Config(BaseModel):
    """What matters here of voxcpm's LoRAConfig, with the defaults that it has."""

    r: int = 8
    alpha: float = 16


def _config(folder: Path) -> _Config:
    if not (folder / CONFIG).is_file():
        return _Config()
    said = json.loads((folder / CONFIG).read_text("utf-8"))
    try:
        return _Config.model_validate(said["lora_config"])
    except (KeyError, TypeError, ValidationError) as error:
        raise ValueError(f"{CONFIG} is not one that VoxCPM's training writes") from error


def _tensors(folder: Path) -> dict[str, Tensor]:
    safe, torchs = (folder / name for name in WEIGHTS)
    if safe.is_file():
        return dict(load_file(safe))
    stored: dict[str, Any] = torch.load(torchs, map_location="cpu", weights_only=True)
    return dict(stored.get("state_dict", stored))


def _is_pair(a: Tensor, b: Tensor, rank: int) -> bool:
    return a.dim() == b.dim() == 2 and len(a) == b.size(1) == rank  # noqa: PLR2004


def _fits(module: nn.Module | None, layer: str, a: Tensor, b: Tensor) -> bool:
    if not isinstance(module, nn.Linear) or not _COMPUTED_ONCE.isdisjoint(layer.split(".")):
        return False
    return (len(b), a.size(1)) == (module.out_features, module.in_features)
