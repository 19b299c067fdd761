"""The same on a real engine, whose random voice at least ends every request by itself."""

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

REQUEST = GenerationRequest("A short sentence.", 1, 2.0, 2)


def made(engine, request):
    items = [item for item in engine.stream(request) if not isinstance(item, QueuePosition)]
    return items[:-1], items[-1]


def test_a_generation_ends_with_why_it_ended_and_what_it_was_decoded_from(engine):
    patches, result = made(engine, REQUEST)
    assert isinstance(result, GenerationResult)
    assert result.finish_reason == "stop"
    assert result.latents.shape == (len(patches), 4, 64)
    assert result.latents.dtype == np.float32


def test_the_voice_of_a_request_is_heard_in_the_next(engine):
    _, result = made(engine, REQUEST)
    own = EncodedReference(result.latents)
    other = EncodedReference(result.latents[::-1].copy() + 1)
    spoken = [
        np.concatenate(made(engine, replace(REQUEST, encoded=voice))[0])[:7680]
        for voice in (None, own, other, own)
    ]
    assert not np.array_equal(spoken[0], spoken[1])
    assert not np.array_equal(spoken[1], spoken[2])
    assert np.array_equal(spoken[1], spoken[3])


def test_a_request_that_runs_into_the_cap_says_so(tiny_checkpoint, monkeypatch):
    monkeypatch.setattr("voxcpm_space.engine.model._PATCHES_PER_TOKEN", 0)
    monkeypatch.setattr("voxcpm_space.engine.model._MORE_PATCHES", 4)
    *_, result = Model(tiny_checkpoint, "cpu").stream(REQUEST)
    assert result.finish_reason == "length"


def test_a_voice_needs_room_like_a_clip(engine):
    long = np.zeros((500, 4, 64), np.float32)
    with pytest.raises(InputError, match="together are too long"):
        made(engine, replace(REQUEST, encoded=EncodedReference(long)))


def test_a_later_text_that_leaves_no_room_is_refused_with_the_first(engine):
    with pytest.raises(InputError, match="together are too long"):
        next(engine.stream(REQUEST, longest_text="x" * 500))


def test_a_full_line_takes_what_goes_on_with_a_text():
    queue = RequestQueue(max_waiting=1)
    with queue.slot(), queue.slot():
        with pytest.raises(BusyError), queue.slot():
            pass
        with queue.slot(although_full=True) as slot:
            assert slot.wait(0.01).ahead == 2


def test_a_full_engine_goes_on_with_a_text_that_has_begun(tiny_checkpoint):
    engine = Engine(Settings(model=str(tiny_checkpoint), device="cpu", max_waiting=1))
    engine.load()
    lasting = replace(REQUEST, text="x" * 300, dit_steps=200)
    streams = [engine.stream(lasting) for _ in range(2)]
    for stream in streams:
        next(stream)
    with pytest.raises(BusyError):
        next(engine.stream(REQUEST))
    later = engine.stream(REQUEST, although_full=True)
    assert next(later).ahead == 2
    for stream in (*streams, later):
        stream.close()
    engine.stop(grace_seconds=0)


def test_a_voice_to_go_on_from_takes_twice_the_room(engine):
    half = np.zeros((250, 4, 64), np.float32)
    fits = replace(REQUEST, encoded=EncodedReference(half))
    with closing(engine.stream(fits)) as items:
        assert next(items) is not None
    with pytest.raises(InputError, match="together are too long"):
        made(engine, replace(REQUEST, encoded=EncodedReference(half, half), transcript="Yes."))
