"""What of Gradio is private: used as the application does, with the real parts."""

import asyncio
import contextvars
import re
import subprocess
import sys

import gradio as gr
import pytest
from fastapi import Request
from gradio.context import LocalContext
from gradio.queueing import Event
from gradio.routes import App
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.e2e.server import ROOT
from voxcpm_space.compat.gradio import (
    API_PREFIX,
    answer_in_context_of,
    compute_no_analytics,
    event_route,
    has_caller_left,
    own_files,
    poll_queue_every,
    public_root,
    put_into_head,
    save_in_cache,
    temporary_files,
    upload_folder,
    wrapped_in,
)


def build_demo():
    def echo(text: str) -> str:
        return text

    with gr.Blocks(analytics_enabled=False) as demo:
        gr.api(echo, api_name="echo")
    return demo


def in_a_loop(make, *arguments, **options):
    """Outside of one, Gradio makes an event loop, and never closes it."""

    async def made():
        return make(*arguments, **options)

    return asyncio.run(made())


@pytest.fixture
def demo():
    return in_a_loop(build_demo)


def request(path="/", app=None, **headers):
    raw = [(name.replace("_", "-").lower().encode(), v.encode()) for name, v in headers.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "server": ("inside", 7860),
        "path": path,
        "query_string": b"",
        "headers": raw,
        "app": app,
    }
    return Request(scope)


def test_uploads_are_kept_where_gradio_keeps_them(uploads, demo):
    assert upload_folder() == uploads.resolve()
    demo.max_file_size = None  # as launch sets it
    client = TestClient(in_a_loop(App.create_app, demo))
    (stored,) = client.post(f"{API_PREFIX}/upload", files={"files": ("a.txt", b"1")}).json()
    assert upload_folder() in (type(uploads)(stored)).resolve().parents


def test_a_file_in_a_component_s_cache_is_served(demo):
    path = save_in_cache(b"a voice", "ann.safetensors", gr.File(render=False).GRADIO_CACHE)
    assert path.endswith("/ann.safetensors")
    assert (
        TestClient(in_a_loop(App.create_app, demo)).get(f"{API_PREFIX}/file={path}").content
        == b"a voice"
    )


def test_the_page_s_head_is_ours_in_what_the_server_sends(demo):
    put_into_head("<title>Mine</title><meta property='og:url' content='{{ config.root }}'>")
    demo.theme = gr.themes.Default()  # as launch sets it
    page = TestClient(in_a_loop(App.create_app, demo), "http://voice.example").get("/").text
    head = page.partition("</head>")[0]
    assert head.index("<title>Mine</title>") < head.index("<script")
    assert re.findall("(?:og|twitter):.*?>", head) == ["og:url' content='http://voice.example'>"]


def test_the_public_address_is_the_one_before_the_proxy(demo):
    app = in_a_loop(App.create_app, demo)
    assert public_root(request("/x", app, Host="inside:7860"), "/x") == "http://inside:7860"
    proxy = {"X_Forwarded_Host": "voice.example", "X_Forwarded_Proto": "https"}
    assert public_root(request("/x", app, **proxy), "/x") == "https://voice.example"
    app.root_path = "/voice"
    assert public_root(request("/x", app, **proxy), "/x") == "https://voice.example/voice"


@pytest.mark.parametrize("root", ["", "/voice"])
@pytest.mark.parametrize("route", ["/queue/join", "/call/echo", "/call/v2/echo"])
def test_an_event_s_route_is_what_follows_the_proxy_s_part(root, route):
    asked = request(f"{root}{API_PREFIX}{route}", Host="inside")
    assert event_route(asked) == f"{API_PREFIX}{route}"


def test_a_plain_route_answers_as_an_event_would(demo):
    asked = request("/", in_a_loop(App.create_app, demo), X_IP_Token="the visitor's")

    def answered():
        answer_in_context_of(asked)
        assert LocalContext.request.get().headers["x-ip-token"] == "the visitor's"
        assert LocalContext.blocks.get() is demo

    contextvars.copy_context().run(answered)


def test_a_caller_has_left_when_gradio_says_that_its_event_is_dead(demo):
    event = Event("session", next(iter(demo.fns.values())), request(), None)
    demo._queue.event_ids_to_events[event._id] = event

    def answered():
        assert not has_caller_left()  # no event at all
        LocalContext.blocks.set(demo)
        LocalContext.event_id.set(event._id)
        assert not has_caller_left()
        event.alive = False
        assert has_caller_left()
        event.alive = True
        del demo._queue.event_ids_to_events[event._id]  # as when it is cancelled
        assert has_caller_left()

    contextvars.copy_context().run(answered)


def test_the_queue_is_looked_into_as_often_as_told(demo):
    assert demo._queue.sleep_when_free < 0.25
    assert demo._queue.progress_update_sleep_when_free < 0.25
    poll_queue_every(demo, 0.25)
    assert demo._queue.sleep_when_free == 0.25
    assert demo._queue.progress_update_sleep_when_free == 0.25


def test_no_tables_are_made_of_events(demo):
    computed = demo._queue.compute_analytics_summary
    demo._queue.events_recorded = 1
    records = [{"function": "echo", "status": "success", "process_time": 1, "time": 1}]
    compute_no_analytics(demo)
    assert computed(records) is demo._queue.cached_event_analytics_summary
    assert demo._queue.event_count_at_last_cache == 0


def test_own_files_are_deleted_with_gradio_s(demo):
    mine = {"/some/speech.wav"}
    own_files(demo, mine)
    assert any(files is mine for files in temporary_files(demo))
    assert any(files is demo.upload_file_set for files in temporary_files(demo))


class Watching:
    """Middleware that answers before the application, and keeps the headers that came."""

    def __init__(self, app, seen):
        self.app, self.seen = app, seen

    async def __call__(self, scope, receive, send):
        app = self.app
        if scope["type"] == "http":
            self.seen.append(dict(scope["headers"]))
            if scope["path"] == "/stopped":
                app = PlainTextResponse("by us")
        await app(scope, receive, send)


def test_middleware_stands_outside_of_gradio_s_own(demo):
    """Which answers CORS preflights, and echoes any origin with credentials."""
    seen, elsewhere = [], {"Origin": "http://other.example", "Host": "voice.example"}
    options = {
        "routes": [Route("/ours", lambda _: PlainTextResponse("ours"))],
        "lifespan": wrapped_in(Middleware(Watching, seen=seen)),
    }
    with TestClient(in_a_loop(App.create_app, demo, app_kwargs=options, mcp_server=True)) as client:
        echoed = client.get("/ours", headers=elsewhere)
        assert echoed.headers["access-control-allow-credentials"] == "true"
        stopped = client.get("/stopped", headers=elsewhere)
        assert stopped.text == "by us"
        assert "access-control-allow-credentials" not in stopped.headers
        preflight = elsewhere | {"Access-Control-Request-Method": "GET"}
        assert client.options("/stopped", headers=preflight).text == "by us"
    assert len(seen) == 3


MCP_CALLS = """
from starlette.middleware import Middleware
from tests.compat.test_gradio import Watching, build_demo
from voxcpm_space.compat.gradio import send_with_mcp_calls, wrapped_in

demo, seen = build_demo(), []
lifespan = wrapped_in(Middleware(Watching, seen=seen))
options = {"prevent_thread_lock": True, "quiet": True, "mcp_server": True}
demo.launch(app_kwargs={"lifespan": lifespan}, **options)
print("when it starts:", {headers.get(b"x-secret") for headers in seen})
seen.clear()
assert demo.mcp_server_obj._client_instance is None
send_with_mcp_calls(demo, {"X-Secret": "ours"})
demo.mcp_server_obj._get_or_create_client()
print("then:", {headers.get(b"x-secret") for headers in seen})
"""


def test_what_mcp_asks_of_the_application_carries_the_headers():
    told = subprocess.check_output([sys.executable, "-c", MCP_CALLS], text=True, cwd=ROOT)
    assert told.splitlines()[-2:] == ["when it starts: {None}", "then: {b'ours'}"]
