"""The AudioVAE's decoder, with matrices in place of transposed convolutions.

torch has a slow one for small inputs, such as a patch at its first layers, which hold nearly all
of the decoder's weights.
"""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F  # noqa: N812  (as everywhere)
from torch import Tensor, nn
from voxcpm.modules.audiovae.audio_vae_v2 import CausalTransposeConv1d

from voxcpm_space.compat.voxcpm import ExtensibleStreamingDecoder
from voxcpm_space.engine.cpu.linear import prepack_linear


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


class MatmulStreamingDecoder(ExtensibleStreamingDecoder):
    """Streams through `MatmulTransposedConv`."""

    def streaming_forward(
        self, layer: nn.ConvTranspose1d, context: int, trim: int
    ) -> Callable[[Tensor], Tensor] | None:
        """Gives one for a `MatmulTransposedConv`."""
        if isinstance(layer, MatmulTransposedConv):
            return partial(self._transposed, layer, context, trim)
        return None

    def _transposed(self, layer: MatmulTransposedConv, ctx: int, trim: int, x: Tensor) -> Tensor:
        before = self.swap_context(layer, x, ctx)
        padded = F.pad(x, (ctx, 0)) if before is None else torch.cat([before, x], dim=-1)
        made = layer.untrimmed(padded)
        return made[..., ctx * layer.stride[0] : made.size(-1) - trim]
