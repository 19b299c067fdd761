"""Builds a VoxCPM2 checkpoint with random weights: the real classes and files, in 3 MB."""

import json
import warnings
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models
from transformers import LlamaTokenizerFast
from voxcpm.model.voxcpm2 import VoxCPM2Model, VoxCPMConfig
from voxcpm.modules.audiovae import AudioVAEV2

_TRANSFORMER = {"num_heads": 2, "num_layers": 1, "kv_channels": 32, "hidden_dim": 64, "ffn_dim": 96}
_FACTORS = [1.0] * 16

CONFIG = {
    "architecture": "voxcpm2",
    "lm_config": {
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_size": 64,
        "intermediate_size": 96,
        "max_position_embeddings": 512,
        "num_attention_heads": 2,
        "num_hidden_layers": 2,
        "num_key_value_heads": 1,
        "rms_norm_eps": 1e-5,
        "rope_scaling": {
            "type": "longrope",
            "long_factor": _FACTORS,
            "short_factor": _FACTORS,
            "original_max_position_embeddings": 512,
        },
        "vocab_size": 263,
        "use_mup": False,
        "scale_emb": 1,
        "dim_model_base": 64,
        "scale_depth": 1.4,
        "rope_theta": 10000,
        "kv_channels": 32,
    },
    "patch_size": 4,
    "feat_dim": 64,
    "residual_lm_num_layers": 1,
    "residual_lm_no_rope": True,
    "scalar_quantization_latent_dim": 16,
    "scalar_quantization_scale": 9,
    "encoder_config": _TRANSFORMER,
    "dit_config": {
        **_TRANSFORMER,
        "cfm_config": {
            "sigma_min": 1e-6,
            "solver": "euler",
            "t_scheduler": "log-norm",
            "inference_cfg_rate": 2.0,
        },
    },
    "audio_vae_config": {
        "encoder_dim": 8,
        "encoder_rates": [2, 5, 8, 8],
        "latent_dim": 64,
        "decoder_dim": 64,
        "decoder_rates": [8, 6, 5, 8],
        "sample_rate": 16000,
        "out_sample_rate": 48000,
    },
    "max_length": 512,
    "device": "cpu",
    "dtype": "bfloat16",
}


def build_tiny_checkpoint(folder: Path) -> Path:
    """Writes the files of a checkpoint into `folder` and gives it back."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    save_tokenizer(folder)
    config = VoxCPMConfig.model_validate(CONFIG | {"dtype": "float32"})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*weight_norm", FutureWarning)
        torch.manual_seed(0)
        vae = AudioVAEV2(config=config.audio_vae_config)
        tokenizer = LlamaTokenizerFast.from_pretrained(folder)
        model = VoxCPM2Model(config, tokenizer, vae, device="cpu")
    save_file(
        {k: v.contiguous() for k, v in vae.state_dict().items()}, folder / "audiovae.safetensors"
    )
    weights = {k: v for k, v in model.state_dict().items() if not k.startswith("audio_vae.")}
    save_file({k: v.to(torch.bfloat16) for k, v in weights.items()}, folder / "model.safetensors")
    return folder


def save_tokenizer(folder: Path) -> None:
    """Bytes only; ids 101 to 104 stay free, since VoxCPM2 marks audio with them."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(98))]
    tokens += [f"<audio{mark}>" for mark in range(4)]
    tokens += [f"<0x{byte:02X}>" for byte in range(98, 256)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    bpe = models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>", byte_fallback=True)
    Tokenizer(bpe).save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "LlamaTokenizerFast", "unk_token": "<unk>"})
    )
