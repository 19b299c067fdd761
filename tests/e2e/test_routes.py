"""Nothing is open but what somebody needs, whatever Gradio brings along."""

import re

import httpx
import pytest
from gradio_client import Client
from starlette.routing import WebSocketRoute

from tests.sharing import shared
from voxcpm_space.api.access.routes import ALLOWED, SOCKETS

LEFT_OUT = {
    "/docs/oauth2-redirect": "no login of others",
    "/svelte/{}": "scripts of custom components, which the page has none of",
    "/pwa_icon": "the icon of an app of its own; manifest.json names another",
    "/pwa_icon/{}": "the icon of an app of its own",
    "/config/": "as without the slash",
    "/monitoring": "prints its secret into the log",
    "/monitoring/summary": "there is /metrics",
    "/monitoring/{}": "there is /metrics",
    "/gradio_api/api/{}": "makes, charges and fails: the queue is the way",
    "/gradio_api/api/{}/": "makes, charges and fails: the queue is the way",
    "/gradio_api/run/{}": "makes, charges and fails: the page needs /run/predict alone",
    "/gradio_api/run/{}/": "makes, charges and fails: the queue is the way",
    "/gradio_api/app_id/": "as without the slash",
    "/gradio_api/call/{}/": "as without the slash",
    "/gradio_api/call/v2/{}/": "as without the slash",
    "/gradio_api/component_server": "functions of components, which the page has none of",
    "/gradio_api/component_server/": "functions of components, which the page has none of",
    "/gradio_api/custom_component/{}/{}/{}/{}": "components of others",
    "/gradio_api/deep_link": "keeps what a visitor entered",
    "/gradio_api/dev/reload": "for developers of pages",
    "/gradio_api/file/{}": "Gradio's older address of file=",
    "/gradio_api/info/": "as without the slash",
    "/gradio_api/login_check": "the gate is the check",
    "/gradio_api/login_check/": "the gate is the check",
    "/gradio_api/process_recording": "converts for anybody, as long as they like",
    "/gradio_api/proxy={}": "fetches from other servers",
    "/gradio_api/queue/status": "there is /metrics",
    "/gradio_api/reset/": "as without the slash",
    "/gradio_api/stream/{}": "sends more input to an event; the page has no such event",
    "/gradio_api/stream/{}/close": "sends more input to an event; the page has no such event",
    "/gradio_api/stream/{}/{}/{}/playlist-file": "there is /live",
    "/gradio_api/stream/{}/{}/{}/playlist.m3u8": "there is /live",
    "/gradio_api/stream/{}/{}/{}/{}.{}": "there is /live",
    "/gradio_api/theme.css": "the page takes /theme.css",
    "/gradio_api/token": "gives a session away",
    "/gradio_api/token/": "gives a session away",
    "/gradio_api/user": "tells who is logged in",
    "/gradio_api/user/": "tells who is logged in",
    "/gradio_api/runs": "nothing is recorded",
    "/gradio_api/runs/": "nothing is recorded",
    "/gradio_api/undo-vibe-edit": "edits the application's code",
    "/gradio_api/undo-vibe-edit/": "edits the application's code",
    "/gradio_api/vibe-code": "edits the application's code",
    "/gradio_api/vibe-code/": "edits the application's code",
    "/gradio_api/vibe-edit": "edits the application's code",
    "/gradio_api/vibe-edit/": "edits the application's code",
    "/gradio_api/vibe-starter-queries": "edits the application's code",
    "/gradio_api/vibe-starter-queries/": "edits the application's code",
}
"""Of the routes of the running application, with why nobody needs them here."""
MOUNTED = {"/page/assets", "/static-offline-docs", "/gradio_api/mcp", "/gradio_api/mcp/messages"}
"""Applications of their own; the list has what is needed below them."""


@shared
def open_in_process(in_process, preview):
    with in_process(preview) as server:
        yield server


def plain(path):
    return re.sub(r"{[^}]*}", "{}", path)


def routes_of(app):
    """Path and method of every route, the paths of what is mounted, and those of sockets."""
    routes, mounted, sockets = set(), set(), set()

    def walk(found, before=""):
        for route in found:
            original = getattr(route, "original_route", route)
            if hasattr(route, "effective_candidates"):
                walk(route.effective_candidates(), before)
            elif isinstance(original, WebSocketRoute):
                sockets.add(before + original.path)
            elif not getattr(route, "methods", None):
                mounted.add(before + route.path)
                walk(route.routes or [], before + route.path)
            else:
                path = plain(before + route.path)
                routes.update((path, method) for method in route.methods)

    walk(app.routes)
    return routes, mounted, sockets


def test_every_route_of_the_application_was_decided_about(open_in_process):
    """Another Gradio may bring a new one: add it to the list, or to what is left out here."""
    routes, mounted, sockets = routes_of(open_in_process.app)
    allowed = {(plain(path), method) for path, methods, _ in ALLOWED for method in methods}
    undecided = {
        (path, method)
        for path, method in routes
        if (path, method) not in allowed and path not in LEFT_OUT
    }
    assert undecided - {(path, "HEAD") for path, _ in allowed} == set()
    assert mounted == MOUNTED
    assert sockets == {path for path, _ in SOCKETS}


def test_the_lists_name_nothing_that_is_not_there(open_in_process):
    routes, mounted, _ = routes_of(open_in_process.app)
    there = {path for path, _ in routes}
    ours = {"/login/", "/login", "/logout", "/logout/"}  # the gate's
    ours.add("/gradio_api/run/predict")  # one of /gradio_api/run/{}
    below = tuple(f"{path}/" for path in mounted)
    assert set(LEFT_OUT) - there == set()
    assert {
        path
        for path in (plain(path) for path, *_ in ALLOWED)
        if path not in there | ours | mounted and not path.startswith(below)
    } == set()


def filled(path):
    return path.replace("{}", "x")


@pytest.mark.parametrize("kind", ["open_in_process", "closed"])
def test_what_is_left_out_is_a_404(request, kind):
    server = request.getfixturevalue(kind)
    paths = [*map(filled, LEFT_OUT), "/gradio_api/nothing", "/gradio_api/file", "//config"]
    with httpx.Client(base_url=server.url) as client:
        answers = {
            (path, method): client.request(method, server.url + path)
            for path in paths
            for method in ("GET", "POST")
        }
    assert {asked for asked, answer in answers.items() if answer.status_code != 404} == set()
    refusal = answers["/gradio_api/process_recording", "POST"].json()
    assert refusal["statusCode"] == 404
    assert refusal["message"].startswith("There is nothing here.")


def test_what_is_there_for_another_method_says_for_which(open_in_process):
    answer = httpx.get(f"{open_in_process.url}/v1/audio/speech")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_no_take_is_made_at_a_door_that_does_not_deliver(open_in_process):
    made = open_in_process.made_files()
    for door in ("run", "api"):
        url = f"{open_in_process.url}/gradio_api/{door}/text-to-speech"
        values = ["Hello.", 2.0, 1, "", None, False, None, ""]
        assert httpx.post(url, json={"data": values}, timeout=60).status_code == 404
    config = httpx.get(f"{open_in_process.url}/config").json()
    names = {event["id"]: event["api_name"] for event in config["dependencies"] if event["queue"]}
    for number in [number for number, name in names.items() if name == "text-to-speech"]:
        asked = {"data": values, "fn_index": number}
        url = f"{open_in_process.url}/gradio_api/run/predict"
        assert httpx.post(url, json=asked, timeout=60).status_code == 404
    assert open_in_process.made_files() == made


def test_gradio_client_asks_for_nothing_that_is_left_out(open_in_process, tmp_path):
    logged = len(open_in_process.log)
    client = Client(open_in_process.url, verbose=False, download_files=tmp_path)
    client.view_api(print_info=False)
    job = client.submit("Hello.", dit_steps=1, api_name="/text-to-speech")
    assert job.result()["output"].startswith(open_in_process.url)
    client.reset_session()
    client.close()
    assert "status=404" not in open_in_process.log[logged:]


def test_the_page_asks_for_nothing_that_is_left_out(browser, open_in_process):
    context = browser.new_context()
    context.set_default_timeout(90_000)
    page = context.new_page()
    refused = []
    page.on("response", lambda answer: answer.status in {404, 405} and refused.append(answer.url))
    page.goto(open_in_process.url)
    for tab in ("Voice Cloning", "Batch", "Text to Speech"):
        page.get_by_role("tab", name=tab).click()
    page.get_by_placeholder("What should be said?").fill("Hello.")
    with page.expect_response(re.compile(r"/speech/.*\.wav")) as made:
        page.get_by_role("button", name="Generate").click()
    assert made.value.ok
    context.close()
    assert refused == []


def test_of_the_page_s_folder_only_what_browsers_use_is_served(server):
    assert httpx.get(f"{server.url}/page/assets/page.js").status_code == 200
    assert httpx.get(f"{server.url}/page/assets/theme.py").status_code == 404
