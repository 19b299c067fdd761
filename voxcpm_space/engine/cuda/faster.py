"""VoxCPM2 with fewer launches of kernels on a CUDA card.

Written for voxcpm 2.0.3; what is not as it was there is left as it is, with a line in the log.
"""

import logging
from subprocess import CalledProcessError

import torch
from torch import Tensor
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer, MiniCPMLongRoPE

from voxcpm_space.compat.voxcpm import (
    CARD_LAYERS,
    GRAPHED,
    changed,
    encode_patches_with,
    stream_through,
)
from voxcpm_space.engine.cuda import graphs, layers
from voxcpm_space.engine.kv_cache import GrowingKVCache
from voxcpm_space.engine.rotary_embedding import RotaryEmbedding

logger = logging.getLogger(__name__)

_LEAST_CAPABILITY = (8, 0)
"""Ampere, the first that multiplies matrices in bfloat16."""


@torch.no_grad()
def fuse_layers(model: VoxCPM2Model) -> bool:
    """Changes a loaded model in place; says whether it could."""
    if names := changed(CARD_LAYERS):
        logger.warning(
            "voxcpm's transformers are not the known ones (%s): on a card generation is slower",
            ", ".join(names),
        )
        return False
    for name, module in list(model.named_modules()):
        if type(module) is MiniCPMDecoderLayer:
            model.set_submodule(name, layers.FusedLayer(module))
        elif type(module) is MiniCPMLongRoPE:
            model.set_submodule(name, RotaryEmbedding(module))
    for lm in (model.base_lm, model.residual_lm):
        lm.kv_cache = GrowingKVCache(lm.kv_cache)
    torch.cuda.empty_cache()  # of the weights that were put together
    return True


@torch.inference_mode()
def capture_graphs(model: VoxCPM2Model) -> bool:
    """Lets a model with fused layers replay CUDA graphs, in this thread; says whether it could."""
    if names := changed(GRAPHED):
        logger.warning(
            "voxcpm's parts are not the known ones (%s): no CUDA graphs are captured",
            ", ".join(names),
        )
        return False
    weight = model.lm_to_dit_proj.weight
    if not _kernels_run(weight):
        return False
    capture = graphs.Capture()
    mu = weight.new_zeros(1, 2 * weight.size(0))
    latents = weight.new_zeros(1, model.feat_dim, model.patch_size)
    patch = latents.transpose(1, 2)[None].contiguous()
    for lm in (model.base_lm, model.residual_lm):
        lm.forward_step = graphs.GraphedStep(lm, capture)
    encode_patches_with(model, graphs.GraphedEncoder(model.feat_encoder, patch, capture))
    model.feat_decoder = graphs.GraphedFlow(model.feat_decoder, mu, latents, capture)
    vae = model.audio_vae
    stream_through(vae, graphs.GraphedDecoding(vae, latents.float(), capture))
    return True


def _kernels_run(like: Tensor) -> bool:
    """Tries one: Triton needs a C compiler, and is not everywhere."""
    if like.is_cuda and torch.cuda.get_device_capability(like.device) < _LEAST_CAPABILITY:
        logger.warning("The card is too old for Triton's kernels, so no CUDA graphs are captured")
        return False
    try:
        if like.is_cuda:
            torch.cuda.set_device(like.device)  # Triton and graphs know no other one
        graphs.kernels().silu_and_mul(like.new_zeros(1, 2))
    except (ImportError, OSError, RuntimeError, CalledProcessError) as error:
        logger.warning(
            "Triton's kernels cannot be compiled, so no CUDA graphs are captured: %s", error
        )
        return False
    return True
