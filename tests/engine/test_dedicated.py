"""The model in its process: what it does when something goes wrong in there."""

import multiprocessing
import os
import shutil
import signal
from collections import Counter
from contextlib import closing
from queue import SimpleQueue

import numpy as np
import pytest

from tests.engine import misbehaving
from tests.engine.test_engine import TEXT, is_free, request, spoken
from voxcpm_space.engine import Engine, Phase, worker_process
from voxcpm_space.engine.worker_process import WorkerProcess
from voxcpm_space.errors import ModelLostError, NotReadyError, StartError, StoppingError
from voxcpm_space.settings import Settings

pytestmark = pytest.mark.slow

LONG = {"text": TEXT * 10, "dit_steps": 50}
SOME_SECONDS_OF_WORK = {"text": TEXT * 20, "dit_steps": 150}


@pytest.fixture
def own_engine(tiny_checkpoint, tmp_path):
    """An engine whose process and checkpoint may be broken."""
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "checkpoint")
    engine = Engine(Settings(model=str(folder), device="cpu", stall_seconds=2))
    engine.load()
    yield engine
    engine.stop(grace_seconds=0)
    assert process_of(engine) not in multiprocessing.active_children()


def process_of(engine):
    return engine._model._replicas[0]._process._process


def send(engine, fault):
    os.kill(process_of(engine).pid, fault)


def end(engine):
    process_of(engine).kill()
    process_of(engine).join()


@pytest.mark.parametrize(
    "fault", [signal.SIGKILL, signal.SIGSTOP], ids=["it crashes", "it comes to a standstill"]
)
def test_a_request_whose_model_is_lost_is_told_so_and_the_next_one_is_made(own_engine, fault):
    expected = spoken(own_engine)
    with closing(own_engine.stream(request(**SOME_SECONDS_OF_WORK))) as patches:
        next(patches)
        send(own_engine, fault)
        with pytest.raises(ModelLostError, match="try again") as lost:
            list(patches)
    assert lost.value.status == 503
    assert np.array_equal(spoken(own_engine), expected)
    assert own_engine.status.phase is Phase.READY


def test_a_model_that_came_to_a_standstill_before_a_long_clip_was_sent_is_lost_too(
    own_engine, tone
):
    send(own_engine, signal.SIGSTOP)
    with pytest.raises(ModelLostError):
        spoken(own_engine, reference=tone(30))
    assert len(spoken(own_engine))


def test_a_model_that_comes_to_a_standstill_in_the_middle_of_an_answer_is_lost_too(
    tiny_checkpoint, monkeypatch
):
    fault = misbehaving.silent_in_the_middle_of_an_answer
    monkeypatch.setattr("voxcpm_space.engine.worker_process.serve", fault)
    monkeypatch.setattr(worker_process, "_ENDING_SECONDS", 0.1)
    engine = Engine(Settings(model=str(tiny_checkpoint), stall_seconds=1))
    engine.load()
    try:
        with pytest.raises(ModelLostError):
            spoken(engine)
    finally:
        engine.stop(grace_seconds=0)


def test_a_model_that_crashed_while_nothing_was_asked_of_it_is_not_missed(own_engine):
    expected = spoken(own_engine)
    end(own_engine)
    assert np.array_equal(spoken(own_engine), expected)


def test_a_model_that_crashed_while_nothing_was_asked_of_it_is_loaded_anew_at_once(
    own_engine, monkeypatch
):
    crashed, phases = process_of(own_engine), SimpleQueue()
    monkeypatch.setattr(own_engine._model._replicas[0], "_report", phases.put)
    end(own_engine)
    assert [phases.get(timeout=60) for _ in range(2)] == [Phase.LOADING, Phase.READY]
    assert process_of(own_engine) is not crashed
    assert process_of(own_engine).is_alive()


def test_a_model_that_cannot_be_loaded_again_is_tried_again_with_the_next_request(
    own_engine, tmp_path
):
    (tmp_path / "checkpoint").rename(tmp_path / "elsewhere")
    end(own_engine)
    with pytest.raises(NotReadyError, match="could not be loaded again"):
        spoken(own_engine)
    assert own_engine.status.phase is Phase.FAILED
    (tmp_path / "elsewhere").rename(tmp_path / "checkpoint")
    assert len(spoken(own_engine))


def test_a_gpu_in_a_broken_state_is_left_with_its_process(own_engine, monkeypatch):
    monkeypatch.setattr("voxcpm_space.engine.worker_process.serve", misbehaving.with_a_broken_gpu)
    end(own_engine)
    expected = spoken(own_engine)
    broken = process_of(own_engine)
    with pytest.raises(ModelLostError):
        spoken(own_engine, text=misbehaving.BREAK_THE_GPU)
    assert np.array_equal(spoken(own_engine), expected)
    assert process_of(own_engine) is not broken


def test_everything_of_the_model_happens_in_the_main_thread_of_its_process(
    own_engine, tone, monkeypatch
):
    monkeypatch.setattr(
        "voxcpm_space.engine.worker_process.serve", misbehaving.in_the_main_thread_only
    )
    end(own_engine)
    assert len(spoken(own_engine, reference=tone(1.3), transcript="Yes."))


def test_a_process_that_ends_while_it_loads_stops_the_start_with_a_sentence(
    tiny_checkpoint, monkeypatch
):
    monkeypatch.setattr("voxcpm_space.engine.worker_process.serve", misbehaving.without_memory)
    engine = Engine(Settings(model=str(tiny_checkpoint)))
    with pytest.raises(StartError, match=r"ended \(exit code 137\).*memory is not enough"):
        engine.load()


def test_who_listens_slowly_holds_up_nobody_and_hears_the_same(engine):
    expected = spoken(engine, seed=5)
    with closing(engine.stream(request(seed=5))) as slow:
        heard = [next(slow)]
        spoken(engine, seed=6)
        *patches, _ = slow
    assert np.array_equal(np.concatenate([*heard, *patches]), expected)


def test_who_leaves_ends_the_work_at_the_next_patch(engine, monkeypatch):
    made, run = Counter(), WorkerProcess.run

    def counting(process, job, stall_seconds):
        for output in run(process, job, stall_seconds):
            made[job.number] += 1
            yield output

    monkeypatch.setattr(WorkerProcess, "run", counting)
    list(engine.stream(request(**SOME_SECONDS_OF_WORK)))
    with closing(engine.stream(request(**SOME_SECONDS_OF_WORK))) as patches:
        next(patches)
    assert is_free(engine)
    whole, left, _ = (made[number] for number in sorted(made))
    assert left < whole


def test_a_stopping_engine_finishes_what_it_has_and_takes_nothing_new(own_engine):
    expected = spoken(own_engine, **LONG)
    with closing(own_engine.stream(request(**LONG))) as running:
        heard = [next(running)]
        assert own_engine.stop(grace_seconds=60)
        *patches, _ = running
    assert np.array_equal(np.concatenate([*heard, *patches]), expected)
    with pytest.raises(StoppingError, match="stopping"):
        own_engine.wait_until_ready()
    with pytest.raises(StoppingError):
        spoken(own_engine)


def test_what_is_not_finished_when_the_grace_is_over_is_told_so(own_engine):
    with closing(own_engine.stream(request(**SOME_SECONDS_OF_WORK))) as running:
        next(running)
        own_engine.stop(grace_seconds=0)
        with pytest.raises(StoppingError):
            list(running)


def test_a_model_that_has_to_be_killed_at_the_end_is_no_error(own_engine, monkeypatch, caplog):
    monkeypatch.setattr(worker_process, "_ENDING_SECONDS", 0.1)
    with closing(own_engine.stream(request(**SOME_SECONDS_OF_WORK))) as running:
        next(running)
        send(own_engine, signal.SIGSTOP)
        own_engine.stop(grace_seconds=0)
        with pytest.raises(StoppingError):
            list(running)
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []
