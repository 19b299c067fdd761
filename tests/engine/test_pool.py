"""Several models at once: each speaks for one, and when one is lost the others go on."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from queue import SimpleQueue

import numpy as np
import pytest

from tests.engine.test_engine import TEXT, request, spoken
from voxcpm_space.engine import Engine, Phase, QueuePosition
from voxcpm_space.engine.memory import Memory
from voxcpm_space.errors import ModelLostError, StartError
from voxcpm_space.settings import Settings

pytestmark = pytest.mark.slow

SOME_SECONDS_OF_WORK = {"text": TEXT * 20, "dit_steps": 400}


@pytest.fixture
def checkpoint(tiny_checkpoint, tmp_path):
    return shutil.copytree(tiny_checkpoint, tmp_path / "checkpoint")


@pytest.fixture
def pair(checkpoint):
    """An engine with two models."""
    engine = Engine(Settings(model=str(checkpoint), device="cpu", replicas=2))
    engine.load()
    yield engine
    engine.stop(grace_seconds=0)


@pytest.fixture
def speaking(pair, monkeypatch):
    """How many models can speak, whenever that changes or one was tried in vain."""
    counts, resize = SimpleQueue(), pair._model._resize
    monkeypatch.setattr(pair._model, "_resize", lambda count: (resize(count), counts.put(count)))
    return counts


def process_of(engine, number):
    return engine._model._replicas[number]._process._process


def begun(engine, **changes):
    """A request of which a patch is there; the others wait in it."""
    outputs = engine.stream(request(**SOME_SECONDS_OF_WORK | changes))
    assert isinstance(next(outputs), np.ndarray)
    return outputs


def test_as_many_requests_are_generated_at_once_as_there_are_models(pair):
    with closing(begun(pair)), closing(begun(pair)):
        with closing(pair.stream(request())) as third:
            assert next(third).ahead == 1
        with closing(pair.stream(request())) as third:
            assert isinstance(next(third), QueuePosition)


def test_a_seed_gives_the_same_samples_on_each(pair, tone):
    expected = spoken(pair, reference=tone(1.3))
    with closing(begun(pair)):  # so that the other one has to do it
        assert np.array_equal(spoken(pair, reference=tone(1.3)), expected)


def test_many_callers_at_once_each_get_what_they_get_alone(pair):
    seeds = range(12)
    alone = [spoken(pair, seed=seed) for seed in seeds]
    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(lambda seed: spoken(pair, seed=seed), seeds))
    assert all(map(np.array_equal, together, alone))


def test_while_one_is_loaded_anew_the_other_one_speaks_for_all(pair, speaking):
    with closing(begun(pair)) as lost:
        process_of(pair, 0).kill()
        with pytest.raises(ModelLostError):
            list(lost)
    assert speaking.get(timeout=60) == 1
    assert len(spoken(pair))
    assert pair.status.phase is Phase.READY
    assert speaking.get(timeout=60) == 2
    with closing(begun(pair)), closing(begun(pair)):
        pass


def test_one_that_cannot_be_loaded_again_is_tried_again_later(
    pair, speaking, checkpoint, monkeypatch
):
    monkeypatch.setattr("voxcpm_space.engine.pool._RETRY_SECONDS", 0.1)
    gone = checkpoint.rename(checkpoint.with_name("gone"))
    with closing(begun(pair)) as lost, suppress(ModelLostError):
        process_of(pair, 0).kill()
        list(lost)
    assert [speaking.get(timeout=60) for _ in range(4)] == [1, 1, 1, 1]  # twice in vain
    assert pair.status.phase is Phase.READY
    gone.rename(checkpoint)
    while speaking.get(timeout=60) != 2:
        pass


def test_more_than_memory_has_room_for_end_the_start_with_a_sentence(tiny_checkpoint, monkeypatch):
    engine = Engine(Settings(model=str(tiny_checkpoint), device="cpu", replicas=5))
    first = engine._model._replicas[0]
    load = first.load

    def load_in_little_memory(folder):
        load(folder)
        first.memory = Memory(used=2 * 2**30, free=5 * 2**30)

    monkeypatch.setattr(first, "load", load_in_little_memory)
    with pytest.raises(StartError, match=r"REPLICAS=5 cannot .* 2.0 GB on cpu.* At most 3 have"):
        engine.load()
    engine.stop(grace_seconds=0)


def test_what_a_model_takes_and_leaves_is_measured_where_it_runs(pair):
    memory = pair._model._replicas[1].memory
    assert 2**26 < memory.used < 2**31
    assert memory.free > 2**20
