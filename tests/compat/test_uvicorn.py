"""Connections of a real uvicorn, of which nothing comes, or too little, or too many."""

import asyncio
import contextlib
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from uvicorn.config import HTTP_PROTOCOLS

from voxcpm_space.compat.uvicorn import ConnectionLimits, LimitedProtocol, limit_connections

pytestmark = pytest.mark.slow

LOOPBACK = "127.0.0.1"
GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


async def _slowly():
    for _ in range(5):
        yield b"tick "
        await asyncio.sleep(0.2)


async def _length(request):
    return PlainTextResponse(str(len(await request.body())))


APP = Starlette(
    routes=[
        Route("/events", lambda _: StreamingResponse(_slowly())),
        Route("/body", _length, methods=["GET", "POST"]),
    ]
)


@pytest.fixture
def serve(monkeypatch):
    """Runs a conversation with a server: `serve(conversation, most=2)`."""
    monkeypatch.setitem(HTTP_PROTOCOLS, "auto", HTTP_PROTOCOLS["auto"])

    def run(conversation, proxies="", **limits):
        seconds = {"header_seconds": 0.4, "body_seconds": 0.4, "body_bytes_per_second": 100}
        limit_connections(ConnectionLimits(proxies, str, **seconds | limits))

        async def main():
            config = uvicorn.Config(APP, port=0, log_level="critical", timeout_keep_alive=0.4)
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            async with contextlib.AsyncExitStack() as stack:

                async def connect():
                    reader, writer = await asyncio.open_connection(LOOPBACK, port)
                    stack.callback(writer.close)
                    return reader, writer

                answer = await asyncio.wait_for(conversation(connect), 20)
            server.should_exit = server.force_exit = True  # waits for no connection
            await serving
            return answer

        return asyncio.run(main())

    return run


async def _trickled(connect, pieces):
    """Sends piece after piece, a tenth of a second apart, and gives what is answered, and when."""
    reader, writer = await connect()
    started = time.monotonic()

    async def send():
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.1)

    sending = asyncio.create_task(send())
    answer = b""
    with contextlib.suppress(ConnectionResetError):  # what was sent meanwhile is not read any more
        while chunk := await reader.read(2**16):
            answer += chunk
    sending.cancel()
    return answer, time.monotonic() - started


def test_a_connection_on_which_nothing_comes_is_closed(serve):
    answer, seconds = serve(lambda connect: _trickled(connect, []))
    assert answer == b""
    assert 0.3 < seconds < 2


def test_headers_that_come_letter_by_letter_are_not_waited_for(serve):
    letters = [b"%c" % letter for letter in GET % b"body"]
    answer, _ = serve(lambda connect: _trickled(connect, letters))
    assert answer == b""


def test_so_are_those_of_a_second_request_on_the_same_connection(serve):
    pieces = [GET % b"body", *(b"%c" % letter for letter in GET % b"body")]
    answer, _ = serve(lambda connect: _trickled(connect, pieces))
    assert answer.count(b"200 OK") == 1


def test_a_body_that_hardly_comes_is_given_up_and_one_that_comes_slowly_is_not(serve):
    head = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    hardly, _ = serve(lambda connect: _trickled(connect, [head % 30, *[b"x"] * 30]))
    assert hardly == b""
    slowly, _ = serve(lambda connect: _trickled(connect, [head % 300, *[b"x" * 20] * 15]))
    assert slowly.endswith(b"300")


def test_who_listens_may_listen_for_longer_than_that(serve):
    answer, seconds = serve(lambda connect: _trickled(connect, [GET % b"events"]))
    assert answer.count(b"tick") == 5
    assert seconds > 0.9


async def _third(connect):
    """Opens two connections that stay, and gives the answer on a third one; and on a later one."""
    first, second = [await connect() for _ in range(2)]
    for reader, writer in (first, second):
        writer.write(GET % b"events")
        await reader.readline()
    refused, _ = await _trickled(connect, [GET % b"body"])
    for reader, _ in (first, second):
        await reader.read()
    later, _ = await _trickled(connect, [GET % b"body"])
    return refused, later


def test_an_address_has_only_so_many_connections_at_once(serve):
    refused, later = serve(_third, most=2)
    assert refused.startswith(b"HTTP/1.1 429 ")
    assert b"Too many connections are open from your address" in refused
    assert later.startswith(b"HTTP/1.1 200 ")
    assert not LimitedProtocol._open


@pytest.mark.parametrize("proxies", [LOOPBACK, "127.0.0.0/8", "*"])
def test_a_proxy_has_as_many_as_it_wants(serve, proxies):
    answer, _ = serve(_third, most=2, proxies=proxies)
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_server_that_is_started_as_gradio_does_has_these_limits(serve):
    async def protocol(_):
        config = uvicorn.Config(APP, port=0, host=LOOPBACK, log_level="warning")
        config.load()
        return config.http_protocol_class

    assert serve(protocol) is LimitedProtocol
