"""Writes LoRA weights with random numbers, as VoxCPM's training writes them."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from voxcpm.model.voxcpm2 import LoRAConfig, VoxCPM2Model

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
EVERYTHING = {
    "enable_lm": True,
    "enable_dit": True,
    "enable_proj": True,
    "target_modules_lm": [*ATTENTION, "gate_proj", "up_proj", "down_proj"],
    "target_modules_dit": [*ATTENTION, "gate_proj", "up_proj", "down_proj", "in_proj", "out_proj"],
}


def build_tiny_lora(folder: Path, checkpoint: Path, seed: int = 0, **options) -> Path:
    """Trains nothing: both matrices of each layer are drawn, so that it is heard."""
    config = LoRAConfig(**({"r": 4, "alpha": 8} | EVERYTHING | options))
    model = voxcpm_with_lora(checkpoint, config)
    dice = torch.Generator().manual_seed(seed)
    weights = {
        name: 0.1 * torch.randn(tensor.shape, generator=dice)
        for name, tensor in model.get_lora_state_dict().items()
    }
    folder.mkdir(parents=True)
    save_file(weights, folder / "lora_weights.safetensors")
    info = {"base_model": "openbmb/VoxCPM2", "lora_config": config.model_dump()}
    (folder / "lora_config.json").write_text(json.dumps(info))
    return folder


def voxcpm_with_lora(checkpoint: Path, config: LoRAConfig) -> VoxCPM2Model:
    """Gives voxcpm's own model, in float32, with room for a LoRA of voxcpm's own."""
    model = VoxCPM2Model.from_local(
        str(checkpoint), optimize=False, device="cpu", lora_config=config
    )
    model.to(torch.float32).config.dtype = "float32"
    for lm in (model.base_lm, model.residual_lm):
        lm.setup_cache(1, model.config.max_length, "cpu", torch.float32)
    return model
