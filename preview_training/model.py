"""The sizes of the checkpoint, in VoxCPM2's own terms."""

from typing import Any

from voxcpm.modules.audiovae.audio_vae_v2 import AudioVAE, AudioVAEConfig

from preview_training import latents

HIDDEN = 192
_HEAD = 32

AUDIO_VAE: dict[str, Any] = {
    "encoder_dim": 16,
    "encoder_rates": [2, 5, 8, 8],
    "latent_dim": latents.SIZE,
    "decoder_dim": 160,
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


def config(vocabulary_size: int) -> dict[str, Any]:
    """config.json of the checkpoint."""
    return {
        "architecture": "voxcpm2",
        "lm_config": {
            "bos_token_id": 1,
            "eos_token_id": 2,
            "hidden_size": HIDDEN,
            "intermediate_size": 416,
            "max_position_embeddings": 1024,
            "num_attention_heads": HIDDEN // _HEAD,
            "num_hidden_layers": 4,
            "num_key_value_heads": 2,
            "rms_norm_eps": 1e-05,
            "rope_scaling": {
                "type": "longrope",
                "long_factor": [1.0] * (_HEAD // 2),
                "short_factor": [1.0] * (_HEAD // 2),
                "original_max_position_embeddings": 1024,
            },
            "vocab_size": vocabulary_size,
            "use_mup": False,
            "scale_emb": 1,
            "dim_model_base": 256,
            "scale_depth": 1.4,
            "rope_theta": 10000,
            "kv_channels": _HEAD,
        },
        "patch_size": latents.PATCH,
        "feat_dim": latents.SIZE,
        "residual_lm_num_layers": 1,
        "residual_lm_no_rope": True,
        "scalar_quantization_latent_dim": 64,
        "scalar_quantization_scale": 9,
        "encoder_config": {
            "hidden_dim": 128,
            "ffn_dim": 256,
            "num_heads": 4,
            "num_layers": 1,
            "kv_channels": _HEAD,
        },
        "dit_config": {
            "hidden_dim": 192,
            "ffn_dim": 320,
            "num_heads": 6,
            "num_layers": 4,
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
