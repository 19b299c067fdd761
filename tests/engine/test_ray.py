"""Models on the nodes of a Ray cluster: what a listener gets, and what happens when one is lost."""

import importlib.util
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import numpy as np
import psutil
import pytest

from tests.engine.ray_cluster import ENVIRONMENT, Cluster, wait_until
from tests.engine.test_engine import TEXT, request, spoken
from voxcpm_space.engine import Engine, Phase, QueuePosition
from voxcpm_space.errors import InputError, ModelLostError, StartError
from voxcpm_space.settings import Settings

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="Ray is not installed"),
]

SOME_SECONDS_OF_WORK = {"text": TEXT * 20, "dit_steps": 400}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        cluster = Cluster(tmp_path_factory.mktemp("ray"))
        cluster.start_second()
        yield cluster
        cluster.stop()


@pytest.fixture(scope="module")
def on_both_nodes(cluster, tiny_checkpoint):
    engine = Engine(
        Settings(model=str(tiny_checkpoint), device="cpu", ray=cluster.address, replicas=2)
    )
    engine.load()
    yield engine
    engine.stop(grace_seconds=0)


@pytest.fixture
def pair(on_both_nodes):
    """An engine with a model on each of two nodes, both of them there."""
    wait_until(lambda: on_both_nodes._queue._concurrency == 2)
    wait_until(lambda: on_both_nodes.status.phase is Phase.READY)
    return on_both_nodes


@pytest.fixture
def pool():
    with ThreadPoolExecutor() as pool:
        yield pool


def begun(engine, **changes):
    """A request of which a patch is there."""
    outputs = engine.stream(request(**SOME_SECONDS_OF_WORK | changes))
    while isinstance(next(outputs), QueuePosition):
        pass
    return outputs


def both_begin(engine):
    with closing(begun(engine)), closing(begun(engine)):
        pass


def rest(outputs):
    return np.concatenate([output for output in outputs if isinstance(output, np.ndarray)])


def spoken_or_lost(outputs):
    with suppress(ModelLostError):
        return rest(outputs)


def test_a_model_that_the_nodes_cannot_have_ends_the_start_with_its_sentence(cluster):
    engine = Engine(Settings(model="nobody/nothing", ray=cluster.address))
    with pytest.raises(StartError, match=r"^The model nobody/nothing is not in .* to try the page"):
        engine.load()
    engine.stop(grace_seconds=0)


def test_each_replica_gives_the_bytes_of_a_model_in_a_process(pair, engine, tone):
    cloning = {"reference": tone(1.3), "transcript": "Yes."}
    expected = spoken(engine, **cloning)
    with closing(begun(pair)) as one:
        assert np.array_equal(spoken(pair, **cloning), expected)
        with closing(begun(pair)):
            one.close()
            assert np.array_equal(spoken(pair, **cloning), expected)


def test_sixteen_callers_at_once_get_what_they_get_alone(pair, engine, pool):
    alone = [spoken(engine, seed=seed) for seed in range(16)]
    together = pool.map(lambda seed: spoken(pair, seed=seed), range(16))
    assert all(map(np.array_equal, together, alone))


def test_who_leaves_ends_the_work_a_patch_later(cluster, pair):
    def worked():
        models = [model for replica in cluster.replicas() for model in replica.children()]
        return sum(sum(model.cpu_times()[:2]) for model in models)

    def rests():
        before = worked()
        time.sleep(0.5)
        return worked() == before

    wait_until(rests)
    start = worked()
    rest(begun(pair, dit_steps=1000))
    whole = worked() - start
    begun(pair, dit_steps=1000).close()
    wait_until(rests)
    assert worked() - start - whole < 0.7 * whole  # two patches of four


def test_what_is_too_long_for_the_model_is_refused(pair):
    with pytest.raises(InputError, match="too long"):
        spoken(pair, text=TEXT * 2000)


def test_a_killed_replica_fails_its_own_request_alone_and_is_back(cluster, pair, engine):
    expected = spoken(engine, **SOME_SECONDS_OF_WORK)
    with closing(begun(pair)) as one, closing(begun(pair)) as other:
        cluster.replicas()[0].kill()
        takes = [spoken_or_lost(outputs) for outputs in (one, other)]
    (finished,) = (take for take in takes if take is not None)
    assert np.array_equal(finished, expected[-len(finished) :])
    both_begin(pair)


def test_a_model_that_crashes_behind_its_replica_is_back(cluster, pair):
    with closing(begun(pair)) as outputs:
        for replica in cluster.replicas():
            for model in replica.children():
                model.kill()
        with pytest.raises(ModelLostError) as lost:
            rest(outputs)
    assert lost.value.status == 503
    both_begin(pair)


def test_a_lost_node_fails_only_what_was_made_on_it_and_is_used_again(cluster, pair, engine, pool):
    expected = spoken(engine, **SOME_SECONDS_OF_WORK)
    longer = {"dit_steps": 2000}  # than it takes until the cluster knows of the loss
    with closing(begun(pair, **longer)) as one, closing(begun(pair, **longer)) as other:
        first_takes = [pool.submit(spoken_or_lost, outputs) for outputs in (one, other)]
        next_takes = [pool.submit(spoken, pair, **SOME_SECONDS_OF_WORK) for _ in range(6)]
        cluster.kill_second()
        assert sum(take.result() is None for take in first_takes) == 1
    assert all(np.array_equal(take.result(), expected) for take in next_takes)
    cluster.start_second()
    both_begin(pair)


def test_with_the_driver_goes_what_it_had_begun_and_what_waits_is_made(pair, pool):
    with closing(begun(pair)) as one, closing(begun(pair)) as other:
        waiting = pool.submit(spoken, pair)
        wait_until(lambda: len(pair._queue._slots) == 3)
        pair._model._driver._process.kill()
        assert [spoken_or_lost(outputs) for outputs in (one, other)] == [None, None]
    assert len(waiting.result())


def test_a_driver_at_a_standstill_is_ended(pair, monkeypatch):
    driver = pair._model._driver
    monkeypatch.setattr(driver, "_silence", 5)
    assert len(spoken(pair))  # so that it counts already
    psutil.Process(driver._process.pid).suspend()
    wait_until(lambda: pair._model._driver is not driver)
    assert len(spoken(pair))


def test_a_second_server_uses_the_models_that_are_there_and_leaves_them(
    cluster, pair, tiny_checkpoint
):
    second = Engine(Settings(model=str(tiny_checkpoint), ray=cluster.address))
    second.load()
    assert np.array_equal(spoken(second), spoken(pair))
    second.stop(grace_seconds=0)
    assert len(spoken(pair))


def test_a_cluster_that_cannot_be_reached_ends_the_start_with_a_sentence():
    engine = Engine(Settings(ray="127.0.0.1:9"))
    with pytest.raises(StartError, match=r"VOXCPM_RAY=127.0.0.1:9 cannot be reached"):
        engine.load()


def test_without_ray_the_start_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(StartError, match=r"pip install -r requirements-ray\.txt"):
        Engine(Settings(ray="auto"))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"device": "cuda:0,cuda:1"}, "VOXCPM_DEVICE=cuda:0,cuda:1 and VOXCPM_RAY cannot be used"),
        ({"replicas": 3, "ray_max_replicas": 2}, "VOXCPM_RAY_MAX_REPLICAS=2 .* at least .*=3"),
    ],
)
def test_settings_that_do_not_go_with_a_cluster_end_the_start(settings, sentence):
    with pytest.raises(StartError, match=sentence):
        Engine(Settings(ray="auto", **settings))
