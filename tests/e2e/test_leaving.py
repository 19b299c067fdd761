"""Whoever leaves ends the work, by every way out of every door."""

import asyncio
import json
import threading

import httpx
import pytest
from gradio_client import Client
from mcp import types
from websockets.sync.client import connect

from tests.e2e.agent import session_with

LONG = " ".join(["The train was late again."] * 60)
SPEECH = {"text": LONG, "dit_steps": 50}
OPEN = "voxcpm_open_takes"


@pytest.fixture
def left(server):
    """In a process of its own: Gradio warns when it cancels, and here a warning is an error."""
    return server


def by_gradio_client(server):
    client = Client(server.url, verbose=False)
    job = client.submit(**SPEECH, api_name="/text-to-speech")
    yield
    job.cancel()
    yield
    client.close()


def by_gradio_s_cancel(server):
    api = f"{server.url}/gradio_api"
    functions = httpx.get(f"{server.url}/config").json()["dependencies"]
    number = next(one["id"] for one in functions if one["api_name"] == "text-to-speech")
    data = [LONG, 2.0, 50, "", None, False, None, "", "", 1.0, ""]
    asked = {"fn_index": number, "session_hash": "me", "data": data}
    event = httpx.post(f"{api}/queue/join", json=asked).json()["event_id"]
    with httpx.stream("GET", f"{api}/queue/data?session_hash=me", timeout=60):
        yield
        cancelled = {"fn_index": number, "session_hash": "me", "event_id": event}
        answer = httpx.post(f"{api}/cancel", json=cancelled)
        assert answer.json() == {"success": True}, answer.text
        yield


def by_a_call_that_is_closed(server):
    call = f"{server.url}/gradio_api/call/v2/text-to-speech"
    event = httpx.post(call, json=SPEECH).json()["event_id"]
    with httpx.stream("GET", f"{call}/{event}", timeout=60):
        yield
    yield


def of_http(path, fields):
    def leave(server):
        async def asked(leaves):
            async with httpx.AsyncClient(timeout=60) as client:
                post = asyncio.create_task(client.post(server.url + path, json=fields))
                await leaves()
                post.cancel()

        yield from in_a_thread(asked)

    return leave


def by_a_socket_that_is_closed(server):
    url = server.url.replace("http", "ws")
    with connect(f"{url}/v1/audio/speech/stream") as socket:
        socket.send(json.dumps({"type": "input.text", "text": LONG}))
        yield
    yield


def by_mcp_s_cancel(server):
    async def asked(leaves):
        async with session_with(server) as session:
            call = asyncio.create_task(session.call_tool("text_to_speech", SPEECH))
            await leaves()
            number = session._request_id - 1
            cancelled = types.CancelledNotification(
                params=types.CancelledNotificationParams(requestId=number)
            )
            await session.send_notification(types.ClientNotification(cancelled))
            await asyncio.wait([call])

    yield from in_a_thread(asked)


def by_an_mcp_session_that_is_closed(server):
    async def asked(leaves):
        async with session_with(server) as session:
            call = asyncio.create_task(session.call_tool("text_to_speech", SPEECH))
            await leaves()
            call.cancel()

    yield from in_a_thread(asked)


def in_a_thread(work):
    """Runs what leaves in an event loop of its own, so that it waits there while the test looks."""
    told = threading.Event()

    async def leaves():
        while not told.is_set():  # noqa: ASYNC110  (another thread sets it)
            await asyncio.sleep(0.05)

    thread = threading.Thread(target=asyncio.run, args=(work(leaves),))
    thread.start()
    yield
    told.set()
    yield
    thread.join()


@pytest.mark.parametrize(
    "leave",
    [
        by_gradio_client,
        by_gradio_s_cancel,
        by_a_call_that_is_closed,
        pytest.param(of_http("/voxcpm/v1/text-to-speech", SPEECH), id="hosted"),
        pytest.param(of_http("/v1/audio/speech", {"input": LONG}), id="openai"),
        pytest.param(
            of_http("/v1/audio/speech", {"input": LONG, "response_format": "verbose_json"}),
            id="openai, verbose_json",
        ),
        by_a_socket_that_is_closed,
        by_mcp_s_cancel,
        by_an_mcp_session_that_is_closed,
    ],
)
def test_who_leaves_frees_the_model_within_a_moment(left, leave):
    before = left.made_files()
    way = leave(left)
    next(way)
    left.wait(lambda: left.metric(OPEN) == 1)
    next(way)
    try:
        left.wait_until(lambda: left.metric(OPEN) == 0, seconds=10)
    finally:
        for _ in way:
            pass
    assert left.made_files() == before


def test_an_agent_that_cancels_ends_no_other_agent_s_work(left):
    """Gradio calls itself for all agents by one client, whose jobs it would all end."""

    async def asked():
        async with session_with(left) as one, session_with(left) as other:
            stays = asyncio.create_task(other.call_tool("text_to_speech", {"text": "Hello."}))
            goes = asyncio.create_task(one.call_tool("text_to_speech", SPEECH))
            while left.metric(OPEN) < 2 and not stays.done():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await one.send_notification(
                types.ClientNotification(
                    types.CancelledNotification(
                        params=types.CancelledNotificationParams(requestId=one._request_id - 1)
                    )
                )
            )
            await asyncio.wait([goes])
            return await stays

    answer = asyncio.run(asked())
    assert not answer.isError
    assert "output" in answer.content[0].text
