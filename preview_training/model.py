"""The sizes of the checkpoint, in VoxCPM2's own terms."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from voxcpm.modules.audiovae.audio_vae_v2 import AudioVAE, AudioVAEConfig

from preview_training import latents, vocoder

EMBEDDING = "base_lm.embed_tokens.weight"
HIDDEN = 192
HEADS = 8  # of all its transformers
_HEAD = 32
# Rotary position embeddings turn few pairs of a head: the others compare contents, wherever in the
# text or speech they stand.
_TURNS = [2.0, 1.0, 0.5, 0.25, 0.1] + [1e-6] * (_HEAD // 2 - 5)  # radians a position
_ROPE_THETA = 10000

AUDIO_VAE: dict[str, Any] = {
    "encoder_dim": 16,
    "encoder_rates": [2, 5, 8, 8],
    "latent_dim": latents.SIZE,
    "decoder_dim": 256,
    "decoder_rates": [8, 6, 5, 8],
    "depthwise": True,
    "sample_rate": 16000,
    "out_sample_rate": 48000,
    "sr_bin_boundaries": [20000, 30000, 40000],
    "cond_type": "scale_bias",
    "cond_dim": 16,
}


def new_audio_vae() -> AudioVAE:
    return AudioVAE(AudioVAEConfig(**AUDIO_VAE))


def part_of_vae(checkpoint: Path, name: str) -> dict[str, torch.Tensor]:
    """Weights of the encoder or the decoder in the folder of a checkpoint."""
    stored, prefix = load_file(checkpoint / "audiovae.safetensors"), f"{name}."
    return {k.removeprefix(prefix): v.float() for k, v in stored.items() if k.startswith(prefix)}


def _rope_factors() -> list[float]:
    usual = [_ROPE_THETA ** (-2 * pair / _HEAD) for pair in range(_HEAD // 2)]
    return [frequency / turn for frequency, turn in zip(usual, _TURNS, strict=True)]


def config(vocabulary_size: int) -> dict[str, Any]:
    """config.json of the checkpoint."""
    return {
        "architecture": "voxcpm2",
        "lm_config": {
            "bos_token_id": 1,
            "eos_token_id": 2,
            "hidden_size": HIDDEN,
            "intermediate_size": 320,
            "max_position_embeddings": 1024,
            "num_attention_heads": HEADS,
            "num_hidden_layers": 3,
            "num_key_value_heads": HEADS,
            "rms_norm_eps": 1e-05,
            "rope_scaling": {
                "type": "longrope",
                "long_factor": _rope_factors(),
                "short_factor": _rope_factors(),
                "original_max_position_embeddings": 1024,
            },
            "vocab_size": vocabulary_size,
            "use_mup": False,
            "scale_emb": 1,
            "dim_model_base": 256,
            "scale_depth": 1.4,
            "rope_theta": _ROPE_THETA,
            "kv_channels": _HEAD,
        },
        "patch_size": vocoder.PATCH,
        "feat_dim": latents.SIZE,
        "residual_lm_num_layers": 1,
        "residual_lm_no_rope": True,
        "scalar_quantization_latent_dim": 128,
        "scalar_quantization_scale": 9,
        "encoder_config": {
            "hidden_dim": 160,
            "ffn_dim": 192,
            "num_heads": HEADS,
            "num_layers": 1,
            "kv_channels": _HEAD,
        },
        "dit_config": {
            "hidden_dim": 192,
            "ffn_dim": 256,
            "num_heads": HEADS,
            "num_layers": 3,
            "kv_channels": _HEAD,
            "dit_mean_mode": False,
            "cfm_config": {
                "sigma_min": 1e-06,
                "solver": "euler",
                "t_scheduler": "log-norm",
                "inference_cfg_rate": 2.0,
            },
        },
        "audio_vae_config": AUDIO_VAE,
        "max_length": 1024,
        "device": "cpu",
        "dtype": "float32",
    }
