"""The same on a real engine, whose random voice at least ends every take by itself."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from voxcpm_space.engine import (
    EncodedReference,
    Engine,
    GenerationRequest,
    GenerationResult,
    QueuePosition,
)
from voxcpm_space.engine.model import Model
from voxcpm_space.engine.request_queue import RequestQueue
from voxcpm_space.errors import BusyError, InputError
from voxcpm_space.settings import Settings

TAKE = GenerationRequest("A short sentence.", 1, 2.0, 2, tells_ending=True)


def made(engine, request):
    items = [item for item in engine.stream(request) if not isinstance(item, QueuePosition)]
    return items[:-1], items[-1]


def test_a_take_tells_its_ending_only_to_those_who_ask(engine):
    patches, ending = made(engine, TAKE)
    assert isinstance(ending, GenerationResult)
    assert not ending.is_capped
    assert ending.latents.shape == (len(patches), 4, 64)
    assert ending.latents.dtype == np.float32
    *others, last = engine.stream(replace(TAKE, tells_ending=False))
    assert np.array_equal(np.concatenate([*others, last]), np.concatenate(patches))


def test_the_voice_of_a_take_is_heard_in_the_next(engine):
    _, ending = made(engine, TAKE)
    own = EncodedReference(ending.latents)
    other = EncodedReference(ending.latents[::-1].copy() + 1)
    spoken = [
        np.concatenate(made(engine, replace(TAKE, encoded=voice))[0])[:7680]
        for voice in (None, own, other, own)
    ]
    assert not np.array_equal(spoken[0], spoken[1])
    assert not np.array_equal(spoken[1], spoken[2])
    assert np.array_equal(spoken[1], spoken[3])


def test_a_take_that_runs_into_the_cap_says_so(tiny_checkpoint, monkeypatch):
    monkeypatch.setattr("voxcpm_space.engine.model._PATCHES_PER_TOKEN", 0)
    monkeypatch.setattr("voxcpm_space.engine.model._MORE_PATCHES", 4)
    *_, ending = Model(tiny_checkpoint, "cpu").stream(TAKE)
    assert ending.is_capped


def test_a_voice_needs_room_like_a_clip(engine):
    long = np.zeros((500, 4, 64), np.float32)
    with pytest.raises(InputError, match="together are too long"):
        made(engine, replace(TAKE, encoded=EncodedReference(long)))


def test_a_later_text_that_leaves_no_room_is_refused_with_the_first(engine):
    with pytest.raises(InputError, match="together are too long"):
        made(engine, replace(TAKE, room_for="x" * 500))


def test_a_full_line_takes_what_goes_on_with_a_text():
    line = RequestQueue(max_waiting=1)
    with line.joined(), line.joined():
        with pytest.raises(BusyError), line.joined():
            pass
        with line.joined(although_full=True) as place:
            assert place.wait(0.01).ahead == 2


def test_a_full_engine_goes_on_with_a_text_that_has_begun(tiny_checkpoint):
    engine = Engine(Settings(model=str(tiny_checkpoint), device="cpu", max_waiting=1))
    engine.load()
    lasting = replace(TAKE, text="x" * 300, dit_steps=200)
    streams = [engine.stream(lasting) for _ in range(2)]
    for stream in streams:
        next(stream)
    with pytest.raises(BusyError):
        next(engine.stream(TAKE))
    going_on = engine.stream(replace(TAKE, goes_on=True))
    assert next(going_on).ahead == 2
    for stream in (*streams, going_on):
        stream.close()
    engine.stop(grace_seconds=0)


def test_a_voice_to_go_on_from_takes_twice_the_room(engine):
    half = np.zeros((250, 4, 64), np.float32)
    fits = replace(TAKE, encoded=EncodedReference(half))
    with closing(engine.stream(fits)) as items:
        assert next(items) is not None
    with pytest.raises(InputError, match="together are too long"):
        made(engine, replace(TAKE, encoded=EncodedReference(half, half), transcript="Yes."))
