"""Reads a checkpoint into memory once, in the number format that it is used in.

voxcpm builds the model with random weights in float32, converts those, and copies the checkpoint
over them: slower, and twice the memory for a checkpoint in bfloat16.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from transformers import LlamaTokenizerFast
from voxcpm.model.utils import get_dtype, pick_runtime_dtype, resolve_runtime_device
from voxcpm.model.voxcpm2 import VoxCPM2Model, VoxCPMConfig
from voxcpm.modules.audiovae import AudioVAEV2
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer, MiniCPMLongRoPE

from voxcpm_space.compat.torch import weight_norm
from voxcpm_space.compat.voxcpm import LOADING, changed
from voxcpm_space.engine.cpu.process_tuning import freed_memory_returned
from voxcpm_space.engine.lora import LoRASwitch

logger = logging.getLogger(__name__)

_VAE = "audio_vae"
_MAPPED_BYTES = 32 * 2**20
"""Read before the file is mapped anew: pages that were read count as memory of the process."""
_CHANGING_WEIGHTS = {
    nn.init.normal_,
    nn.init.uniform_,
    nn.init.kaiming_uniform_,
    weight_norm,
}
"""What torch does to the weights of a new module: it fills them, and scales them by their norms."""


class ReplaceModule(Protocol):
    """What a module of the transformers becomes."""

    def has_matrices(self, layer: str) -> bool:
        """Whether it needs no matrices of the layer of that name."""

    def __call__(self, name: str, module: Any) -> Any:
        """Takes a loaded module, whose parts are finished, and gives what takes its place."""


class UnknownShapeError(Exception):
    """A checkpoint that is not as this module knows them; voxcpm may know better."""


def load_voxcpm(
    folder: Path,
    device: str,
    finish: ReplaceModule | None = None,
    *,
    in_float32: bool = False,
    loras: LoRASwitch | None = None,
) -> VoxCPM2Model:
    """Loads VoxCPM2 as `VoxCPM2Model.from_local` does, and gives the same, bit for bit.

    On a CPU without native bfloat16 the weights become float32: exact, and faster there.

    Args:
        folder: A VoxCPM2 checkpoint.
        device: `auto`, `cpu`, `mps`, `cuda` or `cuda:N`.
        finish: Called for each module of the transformers when it is loaded, on a CPU only.
        in_float32: Whether the weights become float32 on every CPU.
        loras: Attached before its layers are finished; none is in use then.

    Raises:
        StartError: A LoRA was trained for another model.
        OSError, ValueError, RuntimeError, SafetensorError: The device is not there, or files are
            damaged.
    """
    config = VoxCPMConfig.model_validate_json((folder / "config.json").read_text("utf-8"))
    device = resolve_runtime_device(device, config.device)
    stored = pick_runtime_dtype(device, config.dtype)
    config.dtype = _usable(stored, device, in_float32=in_float32)
    try:
        _refuse_other_voxcpm()
        model = _without_weights(folder, config, device)
        if loras:
            loras.attach(model)
        with freed_memory_returned():
            _fill(model, folder, get_dtype(stored), finish if device == "cpu" else None)
    except UnknownShapeError as error:
        logger.warning("%s is loaded in voxcpm's own way: %s", folder, error)
        return _in_voxcpms_way(folder, device, config.dtype, finish, loras)
    return model.to(device).eval()


def has_native_bfloat16() -> bool:
    """Whether the CPU computes in bfloat16 itself, rather than one number at a time."""
    capabilities: Mapping[str, Any] = torch.cpu.get_capabilities()
    return any(there for name, there in capabilities.items() if name.endswith("bf16"))


def _usable(stored: str, device: str, *, in_float32: bool) -> str:
    if device != "cpu" or (has_native_bfloat16() and not in_float32):
        return stored
    return "float32"


def _refuse_other_voxcpm() -> None:
    if names := changed(LOADING):
        raise UnknownShapeError(f"in voxcpm {', '.join(names)} are not the known ones")


def _without_weights(folder: Path, config: VoxCPMConfig, device: str) -> VoxCPM2Model:
    tokenizer = LlamaTokenizerFast.from_pretrained(folder)
    with _WithoutValues("cpu"):  # not "meta": the norms of its weights are computed
        vae = AudioVAEV2(config=config.audio_vae_config)
    with _WithoutValues("meta"):
        model = VoxCPM2Model(config, tokenizer, vae, device=device)
    if device == "cpu":
        for lm in (model.base_lm, model.residual_lm):
            # voxcpm clears them when it begins to generate: until then they need be no memory.
            lm.kv_cache.kv_cache = torch.empty_like(lm.kv_cache.kv_cache)
    return model


def _fill(
    model: VoxCPM2Model, folder: Path, stored: torch.dtype, finish: ReplaceModule | None
) -> None:
    weights, vae = _Weights(folder / "model.safetensors"), _vae_weights(folder)
    wanted = {name: tensor for name, tensor in model.state_dict().items() if not _is_lora(name)}
    vae_shapes = {f"{_VAE}.{name}": tensor.shape for name, tensor in vae.items()}
    _refuse_other_shapes(wanted, weights.shapes | vae_shapes)
    final = get_dtype(model.config.dtype)
    _round_rope(model, stored, final)
    model.audio_vae.load_state_dict(vae, strict=False, assign=True)  # nothing is missing
    model.audio_vae.requires_grad_(requires_grad=False)

    def load(names: Sequence[str]) -> None:
        without_matrices = finish is not None and finish.has_matrices(names[-1])
        for name in names:
            module = model.get_submodule(name)
            for own in _own_tensors(module, without_matrices=without_matrices):
                _put(module, own, weights[f"{name}.{own}"].to(stored).to(final, copy=True))
            if finish is not None:
                model.set_submodule(name, finish(name, module))

    layers, around = _parts_of_transformers(model)
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        for _ in pool.map(load, layers):
            pass
    load(around)
    if any(tensor.is_meta for tensor in chain(model.parameters(), model.buffers())):
        raise UnknownShapeError("voxcpm's model has parts that are not known here")


def _parts_of_transformers(model: nn.Module) -> tuple[list[list[str]], list[str]]:
    """Names of the parts of each layer, and of all parts around the layers, the smallest first."""
    names = [name for name, part in model.named_modules() if isinstance(part, MiniCPMDecoderLayer)]
    layers = [_parts_first(model.get_submodule(name), name) for name in names]
    elsewhere = {*chain(*layers), *_parts_first(model.get_submodule(_VAE), _VAE)}
    return layers, [name for name in _parts_first(model) if name and name not in elsewhere]


def _parts_first(module: nn.Module, name: str = "") -> list[str]:
    """Names of a module and all its parts: names, since a list of modules would keep them alive."""
    parts = [_parts_first(part, f"{name}.{own}") for own, part in module.named_children()]
    return [*chain.from_iterable(parts), name.removeprefix(".")]


def _own_tensors(module: nn.Module, *, without_matrices: bool) -> Iterable[str]:
    return [
        name
        for name, tensor in module.state_dict().items()
        if "." not in name and not _is_lora(name) and not (without_matrices and tensor.dim() > 1)
    ]


def _is_lora(name: str) -> bool:
    return name.endswith(("lora_A", "lora_B"))


def _put(module: nn.Module, name: str, value: Tensor) -> None:
    if name in dict(module.named_parameters(recurse=False)):  # setattr refuses where it is meta
        module.register_parameter(name, nn.Parameter(value, requires_grad=False))
    else:
        module.register_buffer(name, value)


def _round_rope(model: VoxCPM2Model, stored: torch.dtype, final: torch.dtype) -> None:
    """Rounds the tables of positions, which no checkpoint holds, as voxcpm does."""
    for module in model.modules():
        if isinstance(module, MiniCPMLongRoPE):
            module.to(stored).to(final)


def _refuse_other_shapes(wanted: Mapping[str, Tensor], there: Mapping[str, torch.Size]) -> None:
    for name, tensor in wanted.items():
        if there.get(name) != tensor.shape:
            raise UnknownShapeError(
                f"{name} has the shape {there.get(name)}, where {tensor.shape} is known"
            )


def _vae_weights(folder: Path) -> dict[str, Tensor]:
    if (file := folder / "audiovae.safetensors").is_file():
        weights = load_file(file)
    else:
        stored = torch.load(folder / "audiovae.pth", map_location="cpu", weights_only=True)
        weights = stored.get("state_dict", stored)
    return {
        name: tensor.to(torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True)
        for name, tensor in weights.items()
    }


def _in_voxcpms_way(
    folder: Path, device: str, dtype: str, finish: ReplaceModule | None, loras: LoRASwitch | None
) -> VoxCPM2Model:
    model = VoxCPM2Model.from_local(str(folder), optimize=False, device=device)
    if model.config.dtype != dtype:
        model.to(get_dtype(dtype))
        model.audio_vae.to(torch.float32)
        model.config.dtype = dtype
        for lm in (model.base_lm, model.residual_lm):
            lm.setup_cache(1, model.config.max_length, model.device, get_dtype(dtype))
    if loras:
        loras.attach(model)
        model.to(device)
    if finish is not None and device == "cpu":
        layers, around = _parts_of_transformers(model)
        for name in chain(*layers, around):
            model.set_submodule(name, finish(name, model.get_submodule(name)))
    return model


class _WithoutValues(TorchFunctionMode):
    """Lets weights of new modules have no values, as they will get those of a checkpoint.

    `with torch.device("meta")` would keep them from having memory, too. But it takes along what is
    computed from nothing but numbers, and computing there imports torch's compiler, for 2 s.
    """

    def __init__(self, device: str) -> None:
        """Takes where weights are, `meta` for nowhere."""
        super().__init__()
        self._device = device

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Stands in for torch's functions while modules are built."""
        kwargs = kwargs or {}
        if function in _CHANGING_WEIGHTS:
            return (args[0] if args else kwargs["tensor"]).detach()
        if function is torch.empty and kwargs.get("device") is None:
            kwargs = kwargs | {"device": self._device}
        return function(*args, **kwargs)


class _Weights:
    """The tensors of a safetensors file, read from the disk one by one."""

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise UnknownShapeError(f"it has no {file.name}")
        self._file = file
        self._mapping = Lock()
        self._map()
        self.shapes = {
            name: torch.Size(self._mapped.get_slice(name).get_shape())
            for name in self._mapped.keys()  # noqa: SIM118  (it is no dictionary)
        }

    def __getitem__(self, name: str) -> Tensor:
        """Gives a tensor that shares the file's memory."""
        with self._mapping:
            if self._read > _MAPPED_BYTES:
                self._map()
            tensor: Tensor = self._mapped.get_tensor(name)
            self._read += tensor.nbytes
        return tensor

    def _map(self) -> None:
        self._read = 0
        self._mapped: Any = safe_open(self._file, framework="pt")  # untyped
