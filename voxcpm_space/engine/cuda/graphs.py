"""CUDA graphs of what VoxCPM2 computes for each patch.

A graph launches some hundred kernels at once, so that the card waits for no Python between them.
It always reads and writes the same memory: what goes in is copied there, and what comes out holds
until the next replay. voxcpm's own loop stays as it is, and calls these in place of its parts.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from types import ModuleType
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from voxcpm.modules.audiovae.audio_vae_v2 import Snake1d, StreamingVAEDecoder

from voxcpm_space.compat.torch import copy_all, zero_all
from voxcpm_space.compat.voxcpm import decoder_states
from voxcpm_space.engine.cuda.layers import rms_norm
from voxcpm_space.engine.flow_solver import evenly_spaced, extrapolated
from voxcpm_space.engine.request import Solver
from voxcpm_space.engine.rotary_embedding import Positions

Replay: TypeAlias = Callable[[], Tensor]
"""Computes again from what is in the inputs' memory now, and gives the output's memory."""

_KEPT_SOLVERS = 6
"""Numbers of DiT steps and qualities whose graphs are kept; one more is captured in about 0.3 s."""
_ZERO_INIT = 0.04
"""voxcpm's: the part of the steps, from the first one, in which the flow stands still."""
_SWAY = 1.0
"""voxcpm's default: how much nearer to the noise the steps lie."""


class Capture:
    """Captures graphs that share the memory of what is computed on the way."""

    def __init__(self) -> None:
        """Makes an empty pool of memory."""
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, compute: Callable[[], Tensor]) -> Replay:
        """Computes once, so that libraries prepare what they need, and once more to capture it."""
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            compute()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            output = compute()
        # It keeps what goes in alive: a graph knows addresses only.
        return partial(_replay, graph, output, compute)


def _replay(graph: torch.cuda.CUDAGraph, output: Tensor, _compute: object) -> Tensor:
    graph.replay()
    return output


class GraphedStep:
    """Stands in for `MiniCPMModel.forward_step`; attention reads what is filled of the cache."""

    def __init__(self, lm: Any, capture: Capture) -> None:
        """Captures, and clears the cache.

        Args:
            lm: A MiniCPMModel with fused layers and a cache.
            capture: What captures.
        """
        self._lm, cache = lm, lm.kv_cache.kv_cache
        self._hidden = cache.new_zeros(1, lm.config.hidden_size)
        self._position = torch.zeros(1, dtype=torch.long, device=cache.device)
        self._replay = capture(self._compute)
        cache.zero_()

    def __call__(self, inputs_embeds: Tensor, position_id: Tensor) -> Tensor:
        """Takes shape (1, width) and the position's number, (1,), and gives (1, width)."""
        self._hidden.copy_(inputs_embeds)
        self._position.copy_(position_id)
        return self._replay()

    def _compute(self) -> Tensor:
        rows, tables = self._hidden.clone(), _tables(self._lm)
        for layer, cache in zip(self._lm.layers, self._lm.kv_cache.kv_cache.unbind(1), strict=True):
            attend = partial(
                kernels().step_attention,
                tables=tables,
                position=self._position,
                cache=cache,
                heads=layer.num_heads,
            )
            layer.add_attention_and_mlp(rows, attend, kernels().silu_and_mul)
        return rms_norm(self._lm.norm, rows)


class GraphedEncoder(nn.Module):
    """Stands in for the LocEnc where it takes one patch."""

    def __init__(self, encoder: Any, patch: Tensor, capture: Capture) -> None:
        """Captures.

        Args:
            encoder: A VoxCPMLocEnc with fused layers.
            patch: One as it will come, shape (1, 1, latents, channels).
            capture: What captures.
        """
        super().__init__()
        self._encoder, self._patch = encoder, torch.zeros_like(patch)
        self._replay = capture(self._compute)

    def forward(self, x: Tensor) -> Tensor:
        """Takes a patch and gives shape (1, 1, width)."""
        self._patch.copy_(x)
        return self._replay()

    def _compute(self) -> Tensor:
        rows = self._encoder.in_proj(self._patch[0])
        hidden = torch.cat([self._encoder.special_token[0], rows], dim=1)
        _forward_layers(self._encoder.encoder, hidden)
        return rms_norm(self._encoder.encoder.norm, hidden[:, None, 0])


class GraphedFlow(nn.Module):
    """Stands in for the UnifiedCFM: all steps of a patch are one graph.

    Noise is drawn outside, by the generator that voxcpm draws it from, so that seeds mean what they
    meant.
    """

    def __init__(self, cfm: Any, mu: Tensor, cond: Tensor, capture: Capture) -> None:
        """Prepares; a graph is captured when a number of steps is first asked for.

        Args:
            cfm: A UnifiedCFM whose estimator has fused layers.
            mu: What the language models say, as it will come: shape (1, width of a few rows).
            cond: The patch before, as it will come: shape (1, channels, latents).
            capture: What captures.
        """
        super().__init__()
        self._cfm, self._dit = cfm, cfm.estimator
        self._mu, self._cond = torch.zeros_like(mu), torch.zeros_like(cond)
        self._noise = torch.zeros_like(cond)
        self._cfg_value = torch.ones(1, device=mu.device)
        self._capture = capture
        self._method: Solver = "euler"
        self.solver = lru_cache(_KEPT_SOLVERS)(self._captured)

    def forward(
        self, mu: Tensor, n_timesteps: int, patch_size: int, cond: Tensor, cfg_value: float = 1.0
    ) -> Tensor:
        """Gives a patch, shape (1, channels, latents)."""
        assert patch_size == self._cond.size(2)
        replay = self.solver(n_timesteps, self._method)
        self._noise.normal_()
        self._mu.copy_(mu)
        self._cond.copy_(cond)
        self._cfg_value.fill_(cfg_value)
        return replay().clone()

    @contextmanager
    def solved_with(self, method: Solver) -> Iterator[None]:
        """Lets it be solved by another method inside, as `flow_solver.solver_of` says."""
        before, self._method = self._method, method
        try:
            yield
        finally:
            self._method = before

    def _captured(self, steps: int, method: Solver = "euler") -> Replay:
        is_euler = method == "euler"
        times = self._times(steps) if is_euler else self._even_times(steps)
        return self._capture(lambda: self._solve(times, is_euler=is_euler))

    def _even_times(self, steps: int) -> list[tuple[Tensor, Tensor]]:
        """Gives what `_times` gives, for times that are evenly spaced."""
        times, length = evenly_spaced(steps)
        each = self._mu.new_tensor(length)
        return [(self._embedded(self._mu.new_tensor(time), each), each) for time in times]

    def _times(self, steps: int) -> list[tuple[Tensor, Tensor]]:
        """Gives embedding and length of each step in which the flow moves, as voxcpm rounds them.

        Embeddings have shape (2, 1, width), lengths none.
        """
        span = torch.linspace(1, 0, steps + 1, device=self._mu.device, dtype=self._mu.dtype)
        span = span + _SWAY * (torch.cos(torch.pi / 2 * span) - 1 + span)
        still = max(1, int(len(span) * _ZERO_INIT))
        time, length = span[0], span[0] - span[1]
        times = []
        for step in range(1, len(span)):
            if step > still:
                times.append((self._embedded(time, length), length))
            time = time - length
            if step < steps:
                length = time - span[step + 1]
        return times

    def _embedded(self, time: Tensor, length: Tensor) -> Tensor:
        dit = self._dit
        length = length if self._cfm.mean_mode else torch.zeros_like(length)
        time, length = (dit.time_embeddings(value.expand(2)) for value in (time, length))
        embedded: Tensor = dit.time_mlp(time) + dit.delta_time_mlp(length)
        return embedded[:, None]

    def _solve(self, times: list[tuple[Tensor, Tensor]], *, is_euler: bool) -> Tensor:
        """As `UnifiedCFM.solve_euler`; what is the same for all steps is computed once."""
        cond = self._dit.cond_proj(self._cond.transpose(1, 2)).expand(2, -1, -1)
        mu = self._mu.view(1, -1, cond.size(2))
        mu = torch.cat([mu, torch.zeros_like(mu)])
        patch, before = self._noise, None
        for time, length in times:
            rows = self._dit.in_proj(patch.transpose(1, 2)).expand(2, -1, -1)
            hidden = torch.cat([mu, time, cond, rows], dim=1)
            _forward_layers(self._dit.decoder, hidden)
            hidden = rms_norm(self._dit.decoder.norm, hidden[:, -rows.size(1) :])
            velocities = self._dit.out_proj(hidden).transpose(1, 2).contiguous()
            velocity = self._guided(*velocities.split(1))
            patch = patch - length * extrapolated(velocity, before)
            before = None if is_euler else velocity
        return patch if times else patch.clone()

    def _guided(self, conditional: Tensor, unconditional: Tensor) -> Tensor:
        scale: Tensor = self._cfm.optimized_scale(conditional.flatten(1), unconditional.flatten(1))
        base = unconditional * scale[:, None]
        # Multiplied in float32 and rounded once, as torch does with a number of Python's.
        step = ((conditional - base) * self._cfg_value).to(base.dtype)
        return base + step


class GraphedDecoding:
    """Stands in for the AudioVAE's `streaming_decode`: a context that decodes patch by patch."""

    def __init__(self, vae: Any, latents: Tensor, capture: Capture) -> None:
        """Captures.

        Args:
            vae: The AudioVAE.
            latents: Those of a patch as they will come, shape (1, channels, latents).
            capture: What captures.
        """
        self._vae, self._latents = vae, torch.zeros_like(latents)
        has_rates = vae.sr_bin_boundaries is not None
        rate = torch.tensor([vae.out_sample_rate], dtype=torch.int32, device=latents.device)
        self._rate = rate if has_rates else None
        for layer in vae.decoder.modules():
            if type(layer) is Snake1d:
                layer.forward = partial(kernels().snake, alpha=layer.alpha)
        with StreamingVAEDecoder(vae) as decoder:
            vae.decode(self._latents, self._rate)
            self._states = {
                layer: torch.zeros_like(state) for layer, state in decoder_states(decoder).items()
            }
        self._replay = capture(lambda: self._decode(self._latents))

    @contextmanager
    def __call__(self) -> Iterator["GraphedDecoding"]:
        """Begins a generation, before which there was silence, as voxcpm's padding has it."""
        zero_all(list(self._states.values()))
        yield self

    def decode_chunk(self, z_chunk: Tensor) -> Tensor:
        """Takes latents, shape (1, channels, latents), and gives samples, (1, 1, samples)."""
        if z_chunk.shape != self._latents.shape:
            return self._decode(z_chunk)
        self._latents.copy_(z_chunk)
        return self._replay().clone()

    def _decode(self, latents: Tensor) -> Tensor:
        with StreamingVAEDecoder(self._vae) as decoder:
            states = decoder_states(decoder)
            states.update(self._states)
            samples: Tensor = self._vae.decode(latents, self._rate)
            new = [states[layer] for layer in self._states]
            copy_all(list(self._states.values()), new)
        return samples


def kernels() -> ModuleType:
    """Gives `kernels`, imported only where graphs are captured: elsewhere Triton need not be."""
    from voxcpm_space.engine.cuda import kernels as module  # noqa: PLC0415

    return module


def _tables(transformer: Any) -> Positions | None:
    """What turns queries and keys; None where nothing does."""
    return None if transformer.rope_emb is None else transformer.rope_emb.tables


def _forward_layers(transformer: Any, hidden: Tensor) -> None:
    """Takes shape (batch, positions, width) through all layers, in place."""
    batch, positions, _ = hidden.shape
    tables, rows = _tables(transformer), hidden.view(batch * positions, -1)
    for layer in transformer.layers:
        shape = batch, positions, layer.num_heads, layer.num_kv_heads, layer.head_dim
        attend = partial(kernels().attention, tables=tables, shape=shape)
        layer.add_attention_and_mlp(rows, attend, kernels().silu_and_mul)
