"""The decoder's layers in fewer passes give what voxcpm's give."""

import math

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from voxcpm.modules.audiovae.audio_vae_v2 import CausalTransposeConv1d, Snake1d

from voxcpm_space.compat.voxcpm import turn_into
from voxcpm_space.engine.cpu.vae_decoder import InPlaceSnake, MatmulTransposedConv, is_matrix

CHANNELS, INPUTS = 8, 50


class Blocks(TorchDispatchMode):
    """Counts the blocks of memory that outputs are put into."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        output = function(*args, **(kwargs or {}))
        self.found.add(output.untyped_storage().data_ptr())
        return output


def snakes():
    torch.manual_seed(0)
    theirs, ours = Snake1d(CHANNELS), Snake1d(CHANNELS)
    with torch.no_grad():
        theirs.alpha.uniform_(0.01, 5)
        theirs.alpha[0, 0] = 0
        ours.alpha.copy_(theirs.alpha)
    turn_into(ours, InPlaceSnake)
    ours.take_over()
    return theirs, ours


def transposed(stride, width=None):
    torch.manual_seed(0)
    padding = {"padding": math.ceil(stride / 2), "output_padding": stride % 2}
    layer = CausalTransposeConv1d(12, CHANNELS, width or 2 * stride, stride, **padding)
    return layer.requires_grad_(requires_grad=False)


@pytest.mark.parametrize("inputs", [1, 2, 5])
@pytest.mark.parametrize("stride", [2, 5, 8])
def test_a_transposed_convolution_as_a_matrix_gives_what_voxcpms_gives(stride, inputs):
    theirs, ours = transposed(stride), transposed(stride)
    turn_into(ours, MatmulTransposedConv)
    ours.take_over()
    latents = torch.randn(1, 12, inputs)
    torch.testing.assert_close(ours(latents), theirs(latents), atol=1e-6, rtol=1e-5)


def test_one_whose_products_overlap_otherwise_stays():
    assert is_matrix(transposed(4))
    assert not is_matrix(transposed(4, width=9))


def test_a_snake_gives_what_voxcpms_gives_and_leaves_its_input():
    theirs, ours = snakes()
    inputs = 3 * torch.randn(1, CHANNELS, INPUTS)
    before = inputs.clone()
    with torch.inference_mode():
        torch.testing.assert_close(ours(inputs), theirs(inputs), atol=1e-6, rtol=1e-6)
    assert torch.equal(inputs, before)


def test_a_snake_takes_one_block_of_memory_beside_its_output():
    _, ours = snakes()
    inputs = torch.randn(1, CHANNELS, INPUTS)
    with torch.no_grad(), Blocks() as blocks:
        output = ours(inputs)
    assert len(blocks.found - {output.untyped_storage().data_ptr()}) == 1
