"""Solves the flow of a patch with fewer evaluations of the LocDiT than Euler's method needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor
from voxcpm.modules.locdit.unified_cfm import UnifiedCFM

from voxcpm_space.compat.voxcpm import FLOW, are_known, flow_solved_with
from voxcpm_space.engine.request import Solver

_FIRST_TIME = 0.98
"""Where the noise begins to move: in 50 steps of voxcpm's, the first stand still up to here."""
_ADAMS_BASHFORTH = (1.5, -0.5)
"""Of this velocity and the one before, for steps of the same length (order 2)."""


@contextmanager
def solver_of(cfm: Any, solver: Solver) -> Iterator[None]:
    """Lets a flow be solved by another method inside the context.

    Args:
        cfm: A UnifiedCFM, or a `GraphedFlow` in its place.
        solver: `euler` for voxcpm's own; with the other, as many steps as it is asked for are
            as many evaluations, at times that are evenly spaced.
    """
    if solver == "euler":
        yield
    elif not isinstance(cfm, UnifiedCFM):
        with cfm.solved_with(solver):
            yield
    elif not are_known(FLOW, "the flow is solved by voxcpm's own method"):
        yield
    else:
        with flow_solved_with(cfm, partial(_solve_adams_bashforth, cfm)):
            yield


def evenly_spaced(steps: int) -> tuple[list[float], float]:
    """Gives the times of so many evaluations, from noise to speech, and the time between them."""
    length = _FIRST_TIME / steps
    return [_FIRST_TIME - step * length for step in range(steps)], length


def extrapolated(velocity: Tensor, before: Tensor | None) -> Tensor:
    """Gives the mean velocity until the next evaluation, from this one and the one before."""
    if before is None:
        return velocity
    this, last = _ADAMS_BASHFORTH
    return this * velocity + last * before


def _solve_adams_bashforth(  # noqa: PLR0913, PLR0917  (voxcpm's)
    cfm: Any, x: Tensor, t_span: Tensor, mu: Tensor, cond: Tensor, cfg_value: float, **_: object
) -> Tensor:
    """Takes what `UnifiedCFM.solve_euler` takes, and looks at the number of times only."""
    times, length = evenly_spaced(len(t_span) - 1)
    before = None
    for time in times:
        velocity = _guided_velocity(cfm, x, time, length, mu, cond, cfg_value)
        x = x - length * extrapolated(velocity, before)
        before = velocity
    return x


def _guided_velocity(  # noqa: PLR0913, PLR0917  (as many as the LocDiT takes)
    cfm: Any, x: Tensor, time: float, length: float, mu: Tensor, cond: Tensor, cfg_value: float
) -> Tensor:
    """As voxcpm's: classifier-free guidance with an optimized scale (CFG-Zero*, 2503.18886)."""
    times = x.new_full((2 * len(x),), time)
    lengths = torch.full_like(times, length if cfm.mean_mode else 0)
    mu = torch.cat([mu, torch.zeros_like(mu)])
    both = cfm.estimator(torch.cat([x, x]), mu, times, torch.cat([cond, cond]), lengths)
    conditional, unconditional = both.chunk(2)
    scale = cfm.optimized_scale(conditional.flatten(1), unconditional.flatten(1))
    base = unconditional * scale[:, None]
    guided: Tensor = base + cfg_value * (conditional - base)
    return guided
