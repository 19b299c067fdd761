"""What the training programs share: a clock, a schedule, a state that can be taken up again."""

import math
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch

_WARM_UP_STEPS = 60
_FINAL_RATE = 0.02
_SAVE_EVERY, _REPORT_EVERY = 200, 50


class Run:
    """A training run of so many minutes of processor time, kept in a file.

    Killed and started again with the same arguments it goes on where it was saved last; with more
    minutes it goes on from there with the schedule of the longer run.
    """

    def __init__(self, path: Path, module: torch.nn.Module, *, minutes: float, rate: float) -> None:
        self.path, self.module, self.minutes, self.rate = path, module, minutes, rate
        weights = [p for p in module.parameters() if p.requires_grad]
        self._weights = weights
        self._optimizer = torch.optim.AdamW(weights, lr=rate, betas=(0.9, 0.95), weight_decay=0.01)
        self.step, self._spent = 0, 0.0
        self._sums: dict[str, float] = defaultdict(float)
        if path.exists():
            stored = torch.load(path, weights_only=True)
            module.load_state_dict(stored["module"])
            self._optimizer.load_state_dict(stored["optimizer"])
            self.step, self._spent = stored["step"], stored["spent"]
        torch.manual_seed(self.step)
        self._started = time.process_time()

    @property
    def spent(self) -> float:
        """Minutes of processor time, over all starts."""
        return self._spent + (time.process_time() - self._started) / 60

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
            self._sums[name] += float(figure)
        if self.step % _REPORT_EVERY == 0:
            self._report()
        if self.step % _SAVE_EVERY == 0:
            self.save()

    def _report(self) -> None:
        means = " ".join(f"{k}={v / _REPORT_EVERY:.4f}" for k, v in self._sums.items())
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
