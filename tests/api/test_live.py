import asyncio
import io
import threading
from contextlib import contextmanager

import av
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from voxcpm_space.api.access.access import Access
from voxcpm_space.api.live import LiveSpeech
from voxcpm_space.api.live_route import live_router
from voxcpm_space.api.service import SpeechService

RATE = 48_000
PATCH = 7680


@pytest.fixture
def service(studio):
    return SpeechService(studio, Access(studio.settings))


@pytest.fixture
def listener(service):
    app = FastAPI()
    app.include_router(live_router(service))
    with TestClient(app) as client:
        yield client


@contextmanager
def in_a_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join(10)
    assert not thread.is_alive()


def patches(tone, number):
    sound = tone(number * PATCH / RATE, sample_rate=RATE)
    return [sound[start : start + PATCH] for start in range(0, number * PATCH, PATCH)]


async def all_of(speech):
    return [samples async for samples, _ in speech.chunks()]


def test_a_listener_gets_what_there_is_and_what_comes_as_soon_as_it_comes(tone):
    speech, (first, *others) = LiveSpeech(), patches(tone, 5)
    speech.add(first, RATE)

    def go_on():
        for samples in others:
            speech.add(samples, RATE)

    async def measure_loudness():
        heard = []
        async for samples, _ in speech.chunks():
            heard.append(samples)
            if len(heard) == 1:
                threading.Thread(target=go_on).start()
            if len(heard) == 5:
                speech.end()
        return heard

    heard = asyncio.run(asyncio.wait_for(measure_loudness(), 10))
    assert all(a is b for a, b in zip(heard, [first, *others], strict=True))


def test_who_comes_late_gets_it_from_the_start(tone):
    speech = LiveSpeech()
    for samples in patches(tone, 3):
        speech.add(samples, RATE)
    speech.end()
    assert len(asyncio.run(all_of(speech))) == 3


def test_who_leaves_is_waited_for_no_more(tone):
    speech = LiveSpeech()

    async def leave():
        listening = asyncio.create_task(all_of(speech))
        await asyncio.sleep(0)  # until it waits
        assert speech._wakes
        listening.cancel()
        await asyncio.wait([listening])

    asyncio.run(leave())
    assert not speech._wakes
    speech.add(patches(tone, 1)[0], RATE)


def test_it_is_heard_as_mp3_while_it_is_made(service, listener, tone):
    sound = patches(tone, 20)
    with service.live.opened() as speech:
        speech.add(sound[0], RATE)

        def go_on():
            for samples in sound[1:]:
                speech.add(samples, RATE)
            speech.end()

        with in_a_thread(go_on):
            response = listener.get(f"/live/{speech.token}")
    assert response.headers["Content-Type"] == "audio/mpeg"
    with av.open(io.BytesIO(response.content)) as file:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
        assert file.streams.audio[0].rate == RATE
    assert len(heard) / RATE == pytest.approx(20 * PATCH / RATE, abs=0.1)


def test_what_is_made_no_more_or_never_was_is_not_found(service, listener):
    with service.live.opened() as speech:
        pass
    assert listener.get(f"/live/{speech.token}").status_code == 404
    assert listener.get("/live/guessed").status_code == 404


def test_a_request_that_breaks_off_ends_its_listening(service):
    def take():
        with service.live.opened() as speech:
            yield speech

    running = take()
    speech = next(running)
    running.close()
    assert asyncio.run(all_of(speech)) == []
    assert service.live.find(speech.token) is None
