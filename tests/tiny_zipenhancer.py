"""Describes a ZipEnhancer with random weights: the real classes, a thousandth of the size."""

import json
from pathlib import Path

_NAME = "speech_zipenhancer_ans_multiloss_16k_base"
_FORMER = {
    "num_encoder_layers": [1],
    "downsampling_factor": [1],
    "encoder_dim": [8],
    "encoder_unmasked_dim": [8],
    "query_head_dim": [4],
    "pos_head_dim": [2],
    "value_head_dim": [4],
    "num_heads": [1],
    "feedforward_dim": [16],
    "cnn_module_kernel": [3],
    "pos_dim": 8,
}
_MODEL = {
    "type": _NAME,
    "num_tsconformers": 1,
    "dense_channel": 8,
    "batch_first": True,
    "model_num_spks": 1,
    "former_conf": _FORMER,
}
_CONFIGURATION = {
    "framework": "pytorch",
    "task": "acoustic-noise-suppression",
    "pipeline": {"type": _NAME},
    "model": _MODEL,
}


def build_tiny_zipenhancer(folder: Path) -> Path:
    """Writes a description into `folder`, which it gives back; missing weights are drawn."""
    (folder / "configuration.json").write_text(json.dumps(_CONFIGURATION))
    return folder
