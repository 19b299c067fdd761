"""VoxCPM2 on vLLM-Omni, for which a stand-in speaks: what is sent, and what may go wrong there."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest

from tests.engine.test_engine import request, spoken
from tests.vllm_omni_standin import VLLMOmniStandIn
from voxcpm_space.engine import Engine, GenerationResult, Phase, remote
from voxcpm_space.errors import (
    InputError,
    ModelServerError,
    ModelServerLostError,
    ModelServerSilentError,
    StartError,
    StoppingError,
)
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio, finished

pytestmark = pytest.mark.slow

LONG = " ".join(f"This is sentence number {number} of a longer text." for number in range(20))


@pytest.fixture
def servers():
    """Starts servers: `servers(2)`."""
    started = []

    def start(count=1, **options):
        started.extend(VLLMOmniStandIn(**options) for _ in range(count))
        return started

    yield start
    for server in started:
        server.behave = _at_once
        server.stop()


@pytest.fixture
def connected(monkeypatch):
    """Gives engines that use these servers: `connected(servers, setting=value)`."""
    monkeypatch.setattr(remote, "_LOOK_SECONDS", 0.05)
    engines = []

    def connect(servers, **settings):
        urls = ",".join(server.url for server in servers)
        engines.append(Engine(Settings(engine_url=urls, asr_model="", **settings)))
        engines[-1].load()
        return engines[-1]

    yield connect
    for engine in engines:
        engine.stop(grace_seconds=0)


@pytest.fixture
def studio_of():
    return lambda engine: Studio(engine._settings, engine, Outputs(keep_seconds=3600))


async def _at_once(_):
    await asyncio.sleep(0)


async def hang(number):
    """Says nothing any more after the third patch."""
    if number == 3:
        await asyncio.sleep(600)


async def hang_at_once(_):
    await asyncio.sleep(600)


async def cut(number):
    """Ends in the middle, without the end of the stream."""
    if number == 3:
        raise OSError


async def cut_at_once(_):
    raise OSError


def wait_for(condition):
    while not condition():
        pass


def samples(server, number=0):
    return server.asked[number].speech().astype(np.float32) / 2**15


def test_a_text_is_spoken_as_the_server_speaks_it(servers, connected):
    (server,) = servers()
    heard = spoken(connected([server]), text="(A calm old man)Hello there.", seed=7)
    assert np.array_equal(heard, samples(server))
    assert server.asked[0].input == "(A calm old man)Hello there."
    assert server.asked[0].seed == 7


def test_a_clip_is_sent_along_and_continued_where_its_words_are_known(servers, connected, tone):
    (server,) = servers()
    engine = connected([server])
    spoken(engine, reference=tone(2), transcript="What is said.")
    spoken(engine, reference=tone(2))
    assert [fields.ref_text for fields in server.asked] == ["What is said.", None]
    for fields in server.asked:
        assert np.allclose(fields.clip(), tone(2), atol=2**-15)


def test_a_long_text_keeps_the_voice_that_it_began_with(servers, connected, studio_of):
    (server,) = servers()
    studio = studio_of(connected([server]))
    fields = {"text": LONG, "voice_description": "A calm old man", "seed": 1}
    finished(studio.speak(fields))
    first, *others = server.asked
    assert first.input.startswith("(A calm old man)")
    assert first.ref_audio is None
    assert len(others) > 1
    for later in others:
        assert not later.input.startswith("(")
        assert later.clip()[:1000] == pytest.approx(others[0].clip()[:1000])
    assert 5 <= len(others[-1].clip()) / 16_000 <= 12


def test_a_first_part_that_is_shorter_than_any_clip_gives_its_voice_too(
    servers, connected, studio_of
):
    (server,) = servers()
    finished(
        studio_of(connected([server])).speak({"text": "Hi. [pause 1s] Now to all the rest of it."})
    )
    assert len(server.asked[1].clip()) >= 16_000


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("cfg_value", 2.5, "must be 2,"),
        ("dit_steps", 20, "must be 10,"),
        ("quality", "draft", "must be left out,"),
    ],
)
def test_what_the_server_does_not_let_set_is_refused(
    servers, connected, studio_of, field, value, allowed
):
    (server,) = servers()
    studio = studio_of(connected([server]))
    with pytest.raises(InputError, match=allowed) as refusal:
        studio.speak({"text": "Hello.", field: value})
    assert refusal.value.field == field
    assert not server.asked


def test_a_kept_voice_is_refused_with_what_to_do(servers, connected, studio_of):
    studio = studio_of(connected(servers()))
    with pytest.raises(InputError, match="Please give the clip whose voice it is"):
        studio.voice("https://a.example/voice.safetensors")


def test_a_speech_gives_no_voice_to_keep(servers, connected, studio_of):
    assert finished(studio_of(connected(servers())).speak({"text": "Hello."})).voice is None


def test_the_name_of_the_model_is_that_which_the_server_says(servers, connected):
    (server,) = servers()
    assert connected([server]).status.model == "openbmb/VoxCPM2"


def test_a_server_that_asks_for_a_key_gets_it(servers, connected):
    (server,) = servers(key="secret")
    with pytest.raises(StartError, match="answers 401"):
        connected([server])
    assert len(spoken(connected([server], engine_key="secret")))


def test_as_many_are_spoken_at_once_as_the_servers_take(servers, connected):
    pair = servers(2)
    engine = connected(pair, engine_concurrency=2)
    alone = [spoken(engine, seed=seed) for seed in range(16)]
    with ThreadPoolExecutor(16) as callers:
        together = list(callers.map(lambda seed: spoken(engine, seed=seed), range(16)))
    assert all(map(np.array_equal, together, alone))
    assert all(1 <= server.at_once <= 2 for server in pair)


def test_who_comes_when_all_are_busy_hears_how_far_it_is(servers, connected):
    (server,) = servers()
    server.behave = hang
    engine = connected([server], engine_concurrency=1)
    with closing(engine.stream(request())) as first, closing(engine.stream(request())) as second:
        next(first)
        position = next(second)
        assert position.ahead == 1
        assert 0 < position.seconds < 10


def test_whoever_leaves_ends_the_work_on_the_server(servers, connected):
    (server,) = servers()
    server.behave = hang
    with closing(connected([server]).stream(request())) as outputs:
        next(outputs)
    wait_for(lambda: server.left)


def test_a_slow_listener_holds_up_no_server(servers, connected):
    (server,) = servers()
    engine = connected([server], engine_concurrency=1)
    with closing(engine.stream(request())) as slow:
        next(slow)
        assert len(spoken(engine))


@pytest.mark.parametrize("behaviour", [cut_at_once, hang_at_once])
def test_what_fails_before_it_is_heard_is_spoken_by_another_server(servers, connected, behaviour):
    ill, well = servers(2)
    ill.behave = behaviour
    heard = spoken(connected([ill, well], stall_seconds=1))
    assert np.array_equal(heard, samples(well))
    assert len(ill.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 503, 404])
def test_what_one_server_refuses_to_do_another_one_does(servers, connected, status):
    ill, well = servers(2)
    ill.refuse = status
    assert len(spoken(connected([ill, well])))


def test_what_was_heard_is_never_made_again(servers, connected):
    ill, well = servers(2)
    ill.behave = cut
    with pytest.raises(ModelServerLostError, match="in the middle of the speech"):
        spoken(connected([ill, well]))
    assert not well.asked


def test_a_server_that_hangs_is_given_up(servers, connected):
    (server,) = servers()
    server.behave = hang
    with pytest.raises(ModelServerSilentError, match="no sign of life for 1 s"):
        spoken(connected([server], stall_seconds=1))
    wait_for(lambda: server.left)


def test_when_all_fail_people_hear_that_it_is_the_server_and_the_log_says_which(
    servers, connected, caplog
):
    pair = servers(2)
    for server in pair:
        server.refuse = 500
    with pytest.raises(ModelServerError, match="try again in a minute"):
        spoken(connected(pair), text="A secret.")
    for server in pair:
        assert f"{server.url}: /v1/audio/speech answers 500 (InternalServerError)" in caplog.text
    assert "A secret" not in caplog.text


def test_what_no_server_can_speak_is_asked_of_one_alone(servers, connected):
    pair = servers(2)
    pair[0].refuse = 400
    with pytest.raises(InputError, match="Please shorten the text or the clip"):
        spoken(connected(pair))
    assert not pair[1].asked


def test_audio_at_another_rate_is_no_audio_of_voxcpm2(servers, connected, caplog):
    (server,) = servers()
    server.rate = 24_000
    with pytest.raises(ModelServerError):
        spoken(connected([server]))
    assert "not 16-bit mono at 48000 Hz" in caplog.text


def test_a_server_that_is_gone_is_used_again_when_it_is_back(servers, connected, studio_of):
    (server,) = servers()
    engine = connected([server])
    studio = studio_of(engine)
    with closing(engine.stream(request(text=LONG))) as outputs:
        server.behave = hang
        next(outputs)
        server.stop()
        with pytest.raises(ModelServerLostError):
            list(outputs)
    wait_for(lambda: studio.problems() == ["The model is not ready: failed."])
    with pytest.raises(ModelServerError):
        spoken(engine)
    server.behave = _at_once
    server.start()
    wait_for(lambda: engine.status.phase is Phase.READY)
    assert len(spoken(engine))


def test_while_one_is_ill_the_other_one_is_asked_first(servers, connected):
    ill, well = servers(2)
    engine = connected([ill, well])
    ill.is_well = False
    wait_for(lambda: len(engine._model._reachable) == 1)
    spoken(engine)
    assert not ill.asked


def test_the_start_ends_where_no_server_can_be_reached(servers, connected):
    (server,) = servers()
    server.stop()
    with pytest.raises(StartError, match="Please start vLLM-Omni with VoxCPM2 there first"):
        connected([server])
    server.start()


def test_the_start_goes_on_where_one_of_them_can(servers, connected, caplog):
    gone, there = servers(2)
    gone.stop()
    with caplog.at_level(logging.WARNING):
        engine = connected([gone, there])
    assert f"{gone.url} cannot be used yet" in caplog.text
    assert len(spoken(engine))
    gone.start()


def test_servers_of_different_models_are_refused(servers, connected):
    pair = servers(2)
    pair[1].model = "another/model"
    with pytest.raises(StartError, match="have different models"):
        connected(pair)


@pytest.mark.parametrize(
    "other",
    [
        {"model": "preview"},
        {"device": "cpu"},
        {"replicas": 2},
        {"ray": "auto"},
        {"compile": True},
        {"cuda_graphs": True},
        {"cpu_int8": True},
        {"max_reference_seconds": 60},
    ],
)
def test_no_two_engines_can_be_set_up(other):
    with pytest.raises(StartError, match=f"VOXCPM_{next(iter(other)).upper()}"):
        Engine(Settings(engine_url="http://127.0.0.1:9", **other))


def test_the_end_ends_what_is_being_made(servers, connected):
    (server,) = servers()
    server.behave = hang
    engine = connected([server])
    with closing(engine.stream(request())) as outputs:
        next(outputs)
        engine.stop(grace_seconds=0)
        with pytest.raises(StoppingError):
            list(outputs)
    wait_for(lambda: server.left)


def test_a_generation_ends_with_its_voice_for_the_next_one(servers, connected):
    engine = connected(servers())
    *patches, result = engine.stream(request())
    assert isinstance(result, GenerationResult)
    assert len(result.clip) == pytest.approx(sum(map(len, patches)) / 3, abs=2)
