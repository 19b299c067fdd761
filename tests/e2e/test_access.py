"""A closed server: nothing is open without a key or login, whichever door is tried."""

import re

import httpx
import openai
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError, AuthenticationError

from tests.e2e.agent import call_tool
from tests.e2e.server import ROOT
from voxcpm_space.api.access.routes import ALLOWED

SPEAK, CLONE = "/voxcpm/v1/text-to-speech", "/voxcpm/v1/voice-cloning"
CLIP = ROOT / "examples" / "clips" / "english-male-rms.wav"


@pytest.fixture
def key(accounts):
    return {"Ocp-Apim-Subscription-Key": accounts.key}


def post(server, path, headers, **fields):
    return httpx.post(server.url + path, json=fields, headers=headers, timeout=60)


def speak(server, headers):
    return post(server, SPEAK, headers, text="Hello.", dit_steps=1)


@pytest.mark.parametrize("header", ["Ocp-Apim-Subscription-Key: {}", "Authorization: Bearer {}"])
def test_a_key_opens_the_hosted_api(closed, accounts, header):
    name, value = header.format(accounts.key).split(": ")
    assert speak(closed, {name: value}).status_code == 200


def test_without_a_key_the_answer_is_the_hosted_api_s(closed):
    response = speak(closed, {})
    assert response.status_code == 401
    assert response.json()["statusCode"] == 401
    message = "Access denied due to missing subscription key."
    assert response.json()["message"].startswith(message)
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_an_unknown_key_is_a_401_and_stands_in_no_log(closed):
    response = speak(closed, {"Ocp-Apim-Subscription-Key": "made-up-key"})
    assert response.status_code == 401
    assert "invalid subscription key" in response.json()["message"]
    assert f"request_id={response.headers['X-Request-Id']} door=gate" in closed.log
    assert "made-up-key" not in closed.log + response.text


def test_a_disabled_account_is_a_403_from_the_next_request_on(closed, accounts):
    headers = {"Ocp-Apim-Subscription-Key": accounts.add("off")}
    assert speak(closed, headers).status_code == 200
    accounts.run("disable", "off")
    assert speak(closed, headers).status_code == 403
    assert "disabled" in speak(closed, headers).json()["message"]
    accounts.run("enable", "off")
    assert speak(closed, headers).status_code == 200


def test_an_operation_that_the_account_may_not_use_is_a_403(closed, accounts):
    key = accounts.add("speaker", "--unlimited", "--operation", "text-to-speech")
    headers = {"Ocp-Apim-Subscription-Key": key}
    assert speak(closed, headers).status_code == 200
    refusal = post(closed, CLONE, headers, text="Hi.", reference_audio_url="english-male-rms")
    assert refusal.status_code == 403
    assert "may not ask for voice-cloning, only for text-to-speech" in refusal.json()["message"]


def test_audio_is_charged_until_nothing_is_left_and_topping_up_helps(closed, accounts):
    headers = {"Ocp-Apim-Subscription-Key": accounts.add("payer", "--seconds", "0.5")}
    bad = post(closed, SPEAK, headers, text="")
    assert bad.status_code == 400
    assert "0.5 s" in accounts.run("list")  # what fails costs nothing
    made = float(speak(closed, headers).headers["X-Audio-Seconds"])
    assert made > 0.5
    assert f"{0.5 - made:g} s" in accounts.run("list")
    refusal = speak(closed, headers)
    assert refusal.status_code == 402
    assert "no seconds of audio left" in refusal.json()["message"]
    accounts.run("top-up", "payer", "10")
    assert speak(closed, headers).status_code == 200


def test_an_account_that_asks_too_often_is_a_429_with_retry_after(closed, accounts):
    key = accounts.add("hasty", "--unlimited", "--requests-per-minute", "2")
    headers = {"Ocp-Apim-Subscription-Key": key}
    assert [speak(closed, headers).status_code for _ in range(3)] == [200, 200, 429]
    assert 0 < int(speak(closed, headers).headers["Retry-After"]) <= 60


def test_the_official_openai_package_shows_its_key_and_is_refused_without(closed, accounts):
    fields = {"model": "voxcpm2", "voice": "default", "input": "Hello."}
    with openai.OpenAI(base_url=f"{closed.url}/v1", api_key=accounts.key) as client:
        assert client.audio.speech.create(**fields).content
        assert client.models.list().data
    with openai.OpenAI(base_url=f"{closed.url}/v1", api_key="made-up", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as refusal:
            client.audio.speech.create(**fields)
        assert "invalid subscription key" in refusal.value.body["message"]


def test_a_stream_that_is_left_in_the_middle_is_charged_as_far_as_it_came(closed, accounts):
    key = accounts.add("leaver", "--seconds", "100")
    long = " ".join(["The train was late again."] * 20)
    with (
        openai.OpenAI(base_url=f"{closed.url}/v1", api_key=key) as client,
        client.audio.speech.with_streaming_response.create(
            model="voxcpm2", voice="default", input=long, response_format="pcm"
        ) as answer,
    ):
        next(answer.iter_bytes(48_000))
    speak(closed, {"Ocp-Apim-Subscription-Key": accounts.key})  # waits until the model is free
    left = float(re.search(r"leaver\tenabled\t([\d.]+) s", accounts.run("list"))[1])
    assert 80 < left < 100


SIDE_DOORS = {
    "page settings": ("GET", "/config"),
    "queue": ("POST", "/gradio_api/queue/join"),
    "queue's answers": ("GET", "/gradio_api/queue/data?session_hash=x"),
    "call": ("POST", "/gradio_api/call/text-to-speech"),
    "call by names": ("POST", "/gradio_api/call/v2/text-to-speech"),
    "call's answer": ("GET", "/gradio_api/call/text-to-speech/x"),
    "upload": ("POST", "/gradio_api/upload"),
    "file": ("GET", f"/gradio_api/file={CLIP}"),
    "MCP": ("POST", "/gradio_api/mcp/"),
    "MCP's description": ("GET", "/gradio_api/mcp/schema"),
    "OpenAI's voices": ("GET", "/v1/audio/voices"),
    "documentation": ("GET", "/openapi.json"),
    "metrics": ("GET", "/metrics"),
}


@pytest.mark.parametrize("door", SIDE_DOORS)
def test_a_side_door_is_closed_without_a_key(closed, door):
    method, path = SIDE_DOORS[door]
    assert httpx.request(method, closed.url + path).status_code == 401


def test_every_route_is_closed_but_those_of_the_login_and_of_health(closed):
    routes = [(path, method) for path, methods, _ in ALLOWED for method in methods]
    with httpx.Client(base_url=closed.url, timeout=60) as stranger:
        opened = {
            path
            for path, method in routes
            if stranger.request(method, re.sub(r"{.*?}", "x", path)).status_code != 401
        }
    login = {"/", "/login", "/login/", "/logout", "/logout/", "/favicon.ico"}
    assert opened == login | {"/healthz", "/readyz", "/gradio_api/startup-events"}


def test_the_page_shows_a_login_and_nothing_of_what_is_behind(closed):
    page = httpx.get(closed.url)
    assert page.status_code == 200
    assert "Please log in" in page.text
    assert "What should be said?" not in page.text
    assert "gradio" not in page.text


def test_what_somebody_logged_in_makes_is_charged(closed, accounts):
    key = accounts.add("visitor", "--seconds", "0.1")
    client = Client(closed.url, auth=("visitor", key), verbose=False)
    client.predict("Hello.", api_name="/text-to-speech")
    with pytest.raises(AppError, match="no seconds of audio left"):
        client.predict("Hello.", api_name="/text-to-speech")
    client.close()
    assert "-" in re.search(r"visitor\tenabled\t(\S+) s", accounts.run("list"))[1]


def test_a_login_ends_when_its_account_is_disabled(closed, accounts):
    key = accounts.add("fired")
    with httpx.Client(base_url=closed.url) as person:
        assert person.post("/login", data={"username": "fired", "password": key}).is_success
        assert person.get("/config").status_code == 200
        accounts.run("disable", "fired")
        assert person.get("/config").status_code == 401
        assert "Please log in" in person.get("/").text
        assert not person.post("/login", data={"username": "fired", "password": key}).is_success


def test_a_login_ends_when_its_account_gets_a_new_key(closed, accounts):
    key = accounts.add("changed")
    with httpx.Client(base_url=closed.url) as person:
        assert person.post("/login", data={"username": "changed", "password": key}).is_success
        assert person.get("/config").status_code == 200
        accounts.run("new-key", "changed")
        assert person.get("/config").status_code == 401


def test_a_login_does_not_open_what_is_for_keys(closed, accounts):
    """A browser sends its cookies along for other people's pages, too."""
    with httpx.Client(base_url=closed.url) as person:
        person.post("/login", data={"username": "ann", "password": accounts.key})
        assert person.get("/config").status_code == 200
        assert person.post(SPEAK, json={"text": "Hello."}).status_code == 401
        assert person.get("/v1/models").status_code == 401
        assert person.get("/metrics").status_code == 401


def test_other_sites_pages_get_answers_without_the_visitor_s_login(closed, accounts):
    elsewhere = {"Origin": "https://other.example", "Host": "voice.example.org"}
    with httpx.Client(base_url=closed.url, headers=elsewhere) as browser:
        data = {"username": "ann", "password": accounts.key}
        assert browser.post("/login", data=data).status_code == 403
        assert browser.post("/login", data=data, headers={"Origin": "null"}).status_code == 403
        own = {"Origin": "https://voice.example.org"}
        assert browser.post("/login", data=data, headers=own).is_success
        for path in ("/", "/config", "/gradio_api/token", "/gradio_api/user"):
            assert "Access-Control-Allow-Credentials" not in browser.get(path).headers
        call = "/gradio_api/call/v2/text-to-speech"
        assert browser.post(call, json={"text": "Hello."}).status_code == 403
        assert browser.post(call, json={"text": "Hello."}, headers=own).status_code == 200


def test_programs_in_other_sites_pages_may_send_a_key(closed, key):
    elsewhere = {"Origin": "https://other.example", "Host": "voice.example.org"}
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-key"}
    preflight = httpx.options(closed.url + SPEAK, headers=elsewhere | asks)
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "x-key" in preflight.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    assert speak(closed, elsewhere | key).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("way_in", ["login", "key header"])
def test_gradio_client_uploads_clones_and_downloads(closed, accounts, tmp_path, way_in):
    options = {
        "login": {"auth": ("ann", accounts.key)},
        "key header": {"headers": {"Authorization": f"Bearer {accounts.key}"}},
    }[way_in]
    client = Client(closed.url, verbose=False, download_files=tmp_path, **options)
    answer = client.predict("Hello.", handle_file(CLIP), api_name="/voice-cloning")
    client.close()
    assert httpx.get(answer["url"]).headers["Content-Type"] == "audio/wav"


def test_gradio_client_without_a_key_is_refused(closed):
    with pytest.raises(AuthenticationError):
        Client(closed.url, verbose=False)


def test_a_link_opens_the_file_that_was_made_and_no_other(closed, key):
    link = httpx.URL(speak(closed, key).json()["output"])
    assert httpx.get(link).headers["Content-Type"] == "audio/wav"
    other = httpx.URL(speak(closed, key).json()["output"])
    assert httpx.get(link.copy_with(query=None)).status_code == 401
    assert httpx.get(link.copy_with(query=other.query)).status_code == 401
    assert httpx.get(link.copy_set_param("signature", "0" * 64)).status_code == 401
    page = link.copy_with(path="/config")
    assert httpx.get(page).status_code == 401


def test_an_agent_shows_its_key_and_pays(closed, accounts):
    key = {"Authorization": f"Bearer {accounts.add('agent', '--seconds', '0.1')}"}
    assert "signature=" in call_tool(closed, "text_to_speech", {"text": "Hello."}, key)
    assert "no seconds of audio left" in call_tool(closed, "text_to_speech", {"text": "Hi."}, key)
