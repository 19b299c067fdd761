"""The AudioVAE's decoder, with matrices in place of transposed convolutions, and quicker Snakes.

torch has a slow one for small inputs, such as a patch at its first layers, which hold nearly all
of the decoder's weights.
"""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F  # noqa: N812  (as everywhere)
from torch import Tensor, nn
from voxcpm.modules.audiovae.audio_vae_v2 import CausalTransposeConv1d, Snake1d

from voxcpm_space.compat.voxcpm import ExtensibleStreamingDecoder
from voxcpm_space.engine.cpu.linear import prepack_linear

_LEAST_ALPHA = 1e-9
"""voxcpm's, which keeps it from dividing by 0."""


class MatmulTransposedConv(CausalTransposeConv1d):  # type: ignore[misc]  # voxcpm is untyped
    """Multiplies each input by all that it adds to the output, and adds up what overlaps.

    Its kernel is as wide as two strides: each output is the sum of two products.
    """

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
        (stride,), inputs = self.stride, x.size(-1)
        made = self._multiply(x.transpose(1, 2)).view(inputs, self.out_channels, 2 * stride)
        first, second = made[..., :stride], made[..., stride:]
        outputs = x.new_empty(self.out_channels, inputs + 1, stride)
        by_input = outputs.transpose(0, 1)
        by_input[0], by_input[-1] = first[0], second[-1]
        torch.add(first[1:], second[:-1], out=by_input[1:-1])  # F.fold would want it in order
        summed = outputs.view(1, self.out_channels, -1)
        return summed if self.bias is None else summed.add_(self.bias[:, None])


def is_matrix(layer: CausalTransposeConv1d) -> bool:
    """Whether a layer can be a `MatmulTransposedConv`, as all of VoxCPM2's can."""
    (width,), (stride,) = layer.kernel_size, layer.stride
    return bool(layer.groups == 1 and width == 2 * stride)


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


class InPlaceSnake(Snake1d):  # type: ignore[misc]  # voxcpm is untyped
    """Computes x + sin²(alpha x) / alpha in four passes; voxcpm's takes six and more memory."""

    def take_over(self) -> None:
        """Divides by alpha once."""
        self._alpha = self.alpha.detach()
        self._reciprocal = (self._alpha + _LEAST_ALPHA).reciprocal()

    def forward(self, x: Tensor) -> Tensor:
        """Takes and gives shape (1, channels, inputs)."""
        sines = (x * self._alpha).sin_()
        return torch.addcmul(x, sines.mul_(sines), self._reciprocal)
