import threading
import time

import pytest

from voxcpm_space.reference import lazy_model
from voxcpm_space.reference.lazy_model import LazyModel, MissingModelError


class LoadRequest:
    """A load that ends when the test says so."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.times = 0
        self.done = threading.Event()

    def __call__(self):
        self.times += 1
        self.done.wait(30)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_it_is_loaded_once_when_first_asked_for():
    load = LoadRequest("model")
    model = LazyModel("The model", load)
    assert load.times == 0
    load.done.set()
    assert [model.get(30), model.get(0)] == ["model", "model"]
    assert load.times == 1


def test_who_does_not_want_to_wait_goes_on_without_it():
    load = LoadRequest("model")
    model = LazyModel("The model", load)
    started = time.monotonic()
    with pytest.raises(MissingModelError, match=r"^The model is still being loaded\.$"):
        model.get(0)
    assert time.monotonic() - started < 5
    load.done.set()
    assert model.get(30) == "model"


def test_what_cannot_be_loaded_is_tried_again_but_not_at_every_request(monkeypatch):
    load = LoadRequest(OSError("no hub"), "model")
    load.done.set()
    model = LazyModel("The model", load)
    for _ in range(2):
        with pytest.raises(MissingModelError, match=r"^The model cannot be loaded here\.$"):
            model.get(30)
    assert load.times == 1
    monkeypatch.setattr(lazy_model, "_RETRY_SECONDS", 0)
    assert model.get(30) == "model"
