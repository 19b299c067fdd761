"""Makes a streamed continuation start as smoothly as a whole one."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.audiovae.audio_vae_v2 import StreamingVAEDecoder

from voxcpm_space.compat.voxcpm import PREFILLED_DECODER, are_known, streaming_through

CONTEXT_PATCHES = 3
"""Patches of the clip that voxcpm decodes before a whole continuation, and cuts off again."""


@contextmanager
def prefilled_decoder(model: VoxCPM2Model, before: torch.Tensor | None) -> Iterator[None]:
    """Lets the streaming decoder hear the end of the clip first.

    voxcpm's own streaming starts the decoder cold in ultimate cloning, which changes the first
    samples by up to 0.7 of full scale against whole generation.

    Args:
        model: Whose requests are decoded inside the context.
        before: Last latents of the clip, shape (patches, latents of a patch, channels); None
            where a request continues nothing.
    """
    if before is None or not are_known(PREFILLED_DECODER, "clones with a transcript start rough"):
        yield
        return
    vae = model.audio_vae
    as_generated = before.to(next(model.base_lm.parameters()).dtype).to(model.device, torch.float32)
    latents = as_generated.flatten(0, 1).T[None]

    without_prefill = vae.streaming_decode

    @contextmanager
    def prefilled() -> Iterator[StreamingVAEDecoder]:
        with without_prefill() as decoder:
            decoder.decode_chunk(latents)
            yield decoder

    with streaming_through(vae, prefilled):
        yield
