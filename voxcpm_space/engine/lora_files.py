"""Finds LoRA weights as VoxCPM's own training leaves them: a folder for each."""

from pathlib import Path
from types import MappingProxyType
from typing import Final

from voxcpm_space.errors import StartError

WEIGHTS: Final = ("lora_weights.safetensors", "lora_weights.ckpt")
CONFIG: Final = "lora_config.json"
FOR_ALL = ""
"""Name of the LoRA that speaks where none is named."""
NO_LORAS: Final = MappingProxyType[str, Path]({})


def find_loras(folder: Path | None) -> dict[str, Path]:
    """Gives the folders that hold LoRA weights, by name: `FOR_ALL`, and those of subfolders.

    Args:
        folder: As `VOXCPM_LORA`.

    Raises:
        StartError: There are none in it.
    """
    if folder is None:
        return {}
    try:
        named = {path.name: path for path in sorted(folder.iterdir()) if _holds_weights(path)}
    except OSError as error:
        raise StartError(f"VOXCPM_LORA={folder} cannot be read: {error}.") from error
    for_all = {FOR_ALL: folder} if _holds_weights(folder) else {}
    if found := for_all | named:
        return found
    raise StartError(
        f"VOXCPM_LORA={folder} holds no LoRA: neither {' nor '.join(WEIGHTS)} is in it or in its "
        "subfolders. VoxCPM's training writes them into a folder for each step that it saves."
    )


def _holds_weights(folder: Path) -> bool:
    return any((folder / name).is_file() for name in WEIGHTS)
