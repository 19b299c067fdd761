"""The checkpoint that benchmarks measure has nothing that a library could leave out."""

import torch
from safetensors.torch import load_file

from tests.benchmarks.full_size_checkpoint import _write_safetensors

LARGE = 2**24 + 1
SHAPES = {"embedding.weight": (LARGE,), "first.weight": (64, 32), "second.weight": (64, 32)}


def test_every_matrix_has_numbers_of_its_own(tmp_path):
    _write_safetensors(tmp_path / "random", {k: torch.Size(v) for k, v in SHAPES.items()})
    embedding, first, second = load_file(tmp_path / "random").values()
    assert not torch.equal(first, second)
    assert not torch.equal(first.flatten(), embedding[: first.numel()])
    for numbers in (embedding, first, second):
        torch.testing.assert_close(numbers.float().std(), torch.tensor(0.02), atol=1e-3, rtol=0)
