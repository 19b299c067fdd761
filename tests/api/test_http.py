import asyncio
import json
import logging

import pytest
from starlette.requests import ClientDisconnect, HTTPConnection, Request

from voxcpm_space.api.http import RecordedStream, answered, read_fields, refused, route_of
from voxcpm_space.errors import BusyError, InputError, ModelLostError, NotReadyError
from voxcpm_space.messages import N_


def request(path, root_path="", accepted="*"):
    headers = [(b"accept-language", accepted.encode())]
    scope = {"type": "http", "path": path, "root_path": root_path, "headers": headers}
    return HTTPConnection(scope)


def answer(error, path="/voxcpm/v1/text-to-speech", accepted="*"):
    response = refused(request(path, accepted=accepted), error, "abc")
    return response.status_code, json.loads(response.body), response.headers


def test_a_refusal_is_answered_with_its_status_and_sentence():
    status, body, headers = answer(InputError("Too long."))
    assert (status, body) == (400, {"statusCode": 400, "message": "Too long."})
    assert headers["X-Request-Id"] == "abc"
    assert answer(NotReadyError("Still loading."))[0] == 503


def test_openai_s_clients_get_openai_s_shape():
    _, body, _ = answer(InputError("Too long."), "/v1/audio/speech")
    assert body["error"]["message"] == "Too long."
    assert body["error"]["type"] == "invalid_request_error"
    assert answer(KeyError(), "/v1/audio/speech")[1]["error"]["type"] == "server_error"


def test_a_program_reads_english_unless_it_asks_for_a_language_first():
    error = InputError(N_("This is not valid JSON."))
    assert answer(error)[1]["message"] == "This is not valid JSON."
    assert answer(error, accepted="en, zh;q=0.5")[1]["message"] == "This is not valid JSON."
    assert answer(error, accepted="zh-CN, en")[1]["message"] == "这不是有效的 JSON。"


def test_whoever_is_to_come_again_is_told_when():
    status, body, headers = answer(BusyError("Full.", retry_after=2.1))
    assert (status, headers["Retry-After"]) == (429, "3")
    assert body["message"] == "Full. Please try again in 3 s."


def test_a_fault_of_ours_is_answered_by_the_request_id_alone(caplog):
    status, body, _ = answer(KeyError("secret"))
    assert (status, "abc" in body["message"], "secret" in body["message"]) == (500, True, False)
    assert caplog.records[0].exc_info[0] is KeyError


@pytest.mark.parametrize(
    ("path", "root_path", "route"),
    [
        ("/v1/models", "", "/v1/models"),
        ("/voice/v1/models", "/voice", "/v1/models"),
        ("/v1/models", "/voice", "/v1/models"),  # behind a proxy that takes its part off
        ("/voices", "/voice", "/voices"),
    ],
)
def test_a_route_is_what_follows_the_proxy_s_own_path(path, root_path, route):
    assert route_of(request(path, root_path)) == route


def fields_of(body):
    async def receive():
        return {"type": "http.request", "body": body}

    return asyncio.run(read_fields(Request({"type": "http"}, receive)))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "not valid JSON"),
        (b'{"text": "\xff"}', "not valid JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nests lists or objects too deeply"),
        (b'{"seed": ' + b"7" * 5000 + b"}", "a whole number of more than 4,300 digits"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_for_what_it_is(body, sentence):
    with pytest.raises(InputError, match=sentence):
        fields_of(body)


async def _sound(seconds, error=None):
    yield b"sound"
    await asyncio.sleep(seconds)
    if error:
        raise error
    yield b"more sound"


async def _streamed(chunks, messages):
    """Serves a stream, as uvicorn does, to a client that sends what `messages` gives."""
    scope = {"type": "http", "path": "/v1/audio/speech", "headers": []}
    sent = []

    async def send(message):
        sent.append(message)

    async def respond():
        return RecordedStream(chunks)

    response = await answered("openai", "text-to-speech", Request(scope), respond)
    await response(scope, messages, send)
    return sent


async def _stays():
    await asyncio.Event().wait()


async def _leaves():
    await asyncio.sleep(0.1)
    return {"type": "http.disconnect"}


@pytest.mark.parametrize(
    ("error", "client", "status", "is_whole"),
    [
        (None, _stays, 200, True),
        (ModelLostError(), _stays, 503, False),
        (KeyError("secret"), _stays, 500, False),
        (ClientDisconnect(), _stays, 499, False),
        (None, _leaves, 499, False),
    ],
)
def test_a_stream_is_logged_when_it_ends_by_how_it_ends(error, client, status, is_whole, caplog):
    caplog.set_level(logging.INFO)
    seconds = 60 if client is _leaves else 0.2
    sent = asyncio.run(_streamed(_sound(seconds, error), client))
    (line,) = (each.getMessage() for each in caplog.records if "door=" in each.getMessage())
    assert f"status={status}" in line
    assert float(line.rpartition("seconds=")[2]) >= 0.1
    assert sent[-1].get("more_body", True) is not is_whole
