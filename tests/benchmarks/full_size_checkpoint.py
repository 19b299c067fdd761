"""Writes a checkpoint of VoxCPM2's real size, 5 GB in bfloat16, with random weights."""

import copy
import json
import math
from pathlib import Path
from typing import BinaryIO

import torch
from safetensors.torch import save_file
from transformers import LlamaTokenizerFast
from voxcpm.model.voxcpm2 import VoxCPM2Model, VoxCPMConfig
from voxcpm.modules.audiovae import AudioVAEV2

from tests.tiny_checkpoint import CONFIG, save_tokenizer

_LM = {
    "hidden_size": 2048,
    "intermediate_size": 6144,
    "num_attention_heads": 16,
    "num_hidden_layers": 28,
    "num_key_value_heads": 2,
    "kv_channels": 128,
    "vocab_size": 73_448,
    "max_position_embeddings": 32_768,
}
_SMALL = {
    "num_heads": 16,
    "num_layers": 12,
    "kv_channels": 128,
    "hidden_dim": 1024,
    "ffn_dim": 4096,
}
_DRAWN_AT_ONCE = 2**22
_DEVIATION = 0.02
_STOPS = "stop_head.weight"
"""Zeros there give both decisions the same weight, and the first is to go on: a generation gets as
long as its text allows."""


def full_size_config() -> dict:
    """The real dimensions; for the AudioVAE and the length of the context, voxcpm's defaults."""
    config = copy.deepcopy(CONFIG)
    config["lm_config"] |= _LM
    factors = [1.0] * (_LM["kv_channels"] // 2)
    config["lm_config"]["rope_scaling"] |= {
        "long_factor": factors,
        "short_factor": factors,
        "original_max_position_embeddings": _LM["max_position_embeddings"],
    }
    config["dit_config"] |= _SMALL
    config |= {"encoder_config": _SMALL, "residual_lm_num_layers": 8}
    config |= {"scalar_quantization_latent_dim": 512, "audio_vae_config": {}}
    del config["max_length"]
    return config


def write_full_size_checkpoint(folder: Path) -> None:
    """Writes it into `folder`, never holding it in memory."""
    (folder / "config.json").write_text(json.dumps(full_size_config()))
    save_tokenizer(folder)
    config = VoxCPMConfig.model_validate(full_size_config() | {"max_length": 1})
    torch.manual_seed(0)
    vae = AudioVAEV2(config=config.audio_vae_config)
    vae_weights = {name: tensor.contiguous() for name, tensor in vae.state_dict().items()}
    save_file(vae_weights, folder / "audiovae.safetensors")
    with torch.device("meta"):
        model = VoxCPM2Model(config, LlamaTokenizerFast.from_pretrained(folder), vae, device="cpu")
    shapes = {
        name: tensor.shape
        for name, tensor in model.state_dict().items()
        if not name.startswith("audio_vae.")
    }
    _write_safetensors(folder / "model.safetensors", shapes)


def _write_safetensors(file: Path, shapes: dict[str, torch.Size]) -> None:
    """Random numbers in bfloat16, norms of ones, and a stop decision that is never to stop."""
    header, end = {}, 0
    for name, shape in shapes.items():
        start, end = end, end + 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [start, end]}
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    with file.open("wb") as out:
        out.write(len(encoded).to_bytes(8, "little") + encoded)
        for name, shape in shapes.items():
            if "norm" in name:
                out.write(_bytes_of(torch.ones(shape)))
            elif name == _STOPS:
                out.write(_bytes_of(torch.zeros(shape)))
            else:
                _write_noise(out, math.prod(shape))


def _write_noise(out: BinaryIO, count: int) -> None:
    """Writes so many random numbers, none of which was drawn before: 2.4 billion take 20 s."""
    for start in range(0, count, _DRAWN_AT_ONCE):
        size = min(_DRAWN_AT_ONCE, count - start)
        out.write(_bytes_of(_DEVIATION * torch.randn(size)))


def _bytes_of(numbers: torch.Tensor) -> bytes:
    return numbers.bfloat16().view(torch.int16).numpy().tobytes()
