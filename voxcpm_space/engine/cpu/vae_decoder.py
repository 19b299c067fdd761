"""The AudioVAE's decoder, with matrices in place of transposed convolutions.

torch has a slow one for small inputs, such as a patch at its first layers, which hold nearly all
of the decoder's weights.
"""

from functools import partial

import torch
import torch.nn.functional as F  # noqa: N812  (as everywhere)
from torch import Tensor, nn
from voxcpm.modules.audiovae.audio_vae_v2 import CausalTransposeConv1d, StreamingVAEDecoder

from voxcpm_space.engine.cpu.linear import prepack_linear

DECODER_METHODS = {"_patch_transpose_conv": ["mod", "ctx", "trim"], "decode_chunk": ["z_chunk"]}
LAYER_METHODS = {"forward": ["x"]}


class MatmulTransposedConv(CausalTransposeConv1d):  # type: ignore[misc]  # voxcpm is untyped
    """Multiplies each input by all that it adds to the output, and adds up what overlaps."""

    def take_over(self) -> None:
        """Makes a matrix of the weights that the layer had as a CausalTransposeConv1d."""
        as_matrix = self.weight.detach().permute(1, 2, 0).flatten(0, 1).contiguous()
        self._multiply = prepack_linear(as_matrix)
        del self.weight

    def forward(self, x: Tensor) -> Tensor:
        """As `CausalTransposeConv1d.forward`: without the end that later inputs add to."""
        return self.untrimmed(x)[..., : x.size(-1) * self.stride[0]]

    def untrimmed(self, x: Tensor) -> Tensor:
        """As `ConvTranspose1d.forward`: shape (1, channels, inputs) to (1, channels, outputs)."""
        (width,), (stride,) = self.kernel_size, self.stride
        made = self._multiply(x.transpose(1, 2)).transpose(1, 2)
        length = (x.size(-1) - 1) * stride + width
        summed = F.fold(made, (1, length), (1, width), stride=(1, stride))
        summed = summed.view(1, self.out_channels, length)
        return summed if self.bias is None else summed + self.bias[:, None]


class MatmulStreamingDecoder(StreamingVAEDecoder):  # type: ignore[misc]  # voxcpm is untyped
    """Streams through `MatmulTransposedConv`."""

    def _patch_transpose_conv(self, mod: nn.ConvTranspose1d, ctx: int, trim: int) -> None:
        """Replaces the layer's forward until the decoder ends.

        Args:
            mod: The layer.
            ctx: How many of the latest inputs it needs for the next ones.
            trim: Samples at the end of its output that it does not give.
        """
        if not isinstance(mod, MatmulTransposedConv):
            super()._patch_transpose_conv(mod, ctx, trim)
            return
        self._originals.append((mod, mod.forward))
        mod.forward = partial(self._transposed, mod, ctx, trim)  # type: ignore[method-assign]

    def _transposed(self, layer: MatmulTransposedConv, ctx: int, trim: int, x: Tensor) -> Tensor:
        before = self._states.get(id(layer))
        padded = F.pad(x, (ctx, 0)) if before is None else torch.cat([before, x], dim=-1)
        self._states[id(layer)] = x[:, :, -ctx:]
        made = layer.untrimmed(padded)
        return made[..., ctx * layer.stride[0] : made.size(-1) - trim]
