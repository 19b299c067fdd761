"""What the training programs share: a clock, a schedule, a state that can be taken up again."""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

_WARM_UP_STEPS = 60
_FINAL_RATE = 0.02
_SAVE_EVERY, _REPORT_EVERY = 200, 50


class Run:
    """A training run of so many minutes of its processor's time, kept in a file.

    The processor is a core, of which other work takes no minutes, or a GPU, by the clock.

    Killed and started again with the same arguments it goes on where it was saved last; with more
    minutes it goes on from there with the schedule of the longer run.
    """

    def __init__(self, path: Path, module: torch.nn.Module, *, minutes: float, rate: float) -> None:
        self.path, self.module, self.minutes, self.rate = path, module, minutes, rate
        weights = [p for p in module.parameters() if p.requires_grad]
        self._weights, self._device = weights, weights[0].device
        self._clock = time.process_time if self._device.type == "cpu" else time.perf_counter
        self._optimizer = torch.optim.AdamW(weights, lr=rate, betas=(0.9, 0.95), weight_decay=0.01)
        self.step, self._spent = 0, 0.0
        self._sums: dict[str, torch.Tensor | float] = defaultdict(float)
        if path.exists():
            stored = torch.load(path, weights_only=True, map_location=self._device)
            module.load_state_dict(stored["module"])
            self._optimizer.load_state_dict(stored["optimizer"])
            self.step, self._spent = stored["step"], stored["spent"]
        torch.manual_seed(self.step)
        self._started = self._clock()

    @property
    def spent(self) -> float:
        """Minutes of the processor's time, over all starts."""
        return self._spent + (self._clock() - self._started) / 60

    def goes_on(self) -> bool:
        if self.spent < self.minutes:
            return True
        self.save()
        return False

    def learn(self, loss: torch.Tensor, /, **figures: torch.Tensor | float) -> None:
        """One step down; figures are averaged and printed now and then."""
        done = min(1.0, self.spent / self.minutes)
        warm = min(1.0, (self.step + 1) / _WARM_UP_STEPS)
        cosine = _FINAL_RATE + (1 - _FINAL_RATE) * (0.5 + 0.5 * math.cos(math.pi * done))
        for group in self._optimizer.param_groups:
            group["lr"] = self.rate * warm * cosine
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()
        self.step += 1
        for name, figure in figures.items():
            self._sums[name] += figure
        if self.step % _REPORT_EVERY == 0:
            self._report()
        if self.step % _SAVE_EVERY == 0:
            self.save()

    def _report(self) -> None:
        means = " ".join(f"{k}={float(v) / _REPORT_EVERY:.4f}" for k, v in self._sums.items())
        print(f"step {self.step} at {self.spent:.1f} min: {means}", flush=True)
        self._sums.clear()

    def save(self) -> None:
        state: dict[str, Any] = {
            "module": self.module.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": self.step,
            "spent": self.spent,
        }
        part = self.path.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.path)


class _Drawn(IterableDataset[Any]):
    def __init__(self, draw: Callable[[int], Iterator[Any]], seed: int) -> None:
        self._draw, self._seed = draw, seed

    def __iter__(self) -> Iterator[Any]:
        worker = get_worker_info()
        number, count = (worker.id, worker.num_workers) if worker else (0, 1)
        torch.set_num_threads(1)
        return self._draw(self._seed * count + number)


def drawn_by(workers: int, draw: Callable[[int], Iterator[Any]], seed: int) -> Iterator[Any]:
    """What draw(seed) yields; more than 0 workers draw ahead, each with another seed."""
    return iter(DataLoader(_Drawn(draw, seed), batch_size=None, num_workers=workers))
