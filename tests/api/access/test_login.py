"""The login as browsers and programs see it, without the server behind it."""

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.e2e.accounts import AccountsFile
from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.gate import Gate, account_of
from voxcpm_space.settings import Settings

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def accounts(tmp_path):
    accounts = AccountsFile(tmp_path)
    accounts.key = accounts.add("ann")
    return accounts


@pytest.fixture
def visit(accounts):
    """A client of a process of its own that shares the accounts: `visit("https://host")`."""

    def open_client(url="http://testserver", *, embedded=False, address="203.0.113.7"):
        access = Access(Settings(accounts=accounts.path, rate_limit="", embedded=embedded))
        page = Route("/", lambda request: PlainTextResponse(f"Hello {account_of(request)}"))
        gate = Middleware(Gate, access=access)
        app = Starlette(routes=[page], middleware=[gate])
        return TestClient(app, url, follow_redirects=False, client=(address, 50_000))

    return open_client


def log_in(client, key, name="ann", **options):
    return client.post("/login", data={"username": name, "password": key}, **options)


def test_a_browser_is_led_to_the_page_and_a_program_is_told(visit, accounts):
    answer = log_in(visit(), accounts.key, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "./")
    client = visit()
    assert log_in(client, accounts.key).json() == {"success": True}
    assert client.get("/").text == "Hello ann"
    assert client.get("/login").headers["Location"] == "./"


def test_a_form_in_several_parts_is_read_too(visit, accounts):
    fields = {"username": (None, "ann"), "password": (None, f" {accounts.key}\n")}
    assert visit().post("/login", files=fields).is_success


@pytest.mark.parametrize("path", ["/login?next=//evil.example", "/login//evil.example", "/login/"])
def test_nobody_is_led_elsewhere(visit, accounts, path):
    fields = {"username": "ann", "password": accounts.key, "next": "//evil.example"}
    answer = visit().post(path, data=fields, headers=BROWSER)
    assert answer.headers.get("Location") in {None, "./", "../"}


def test_the_cookie_is_the_page_s_own_and_is_secure_over_https(visit, accounts):
    plain = log_in(visit(), accounts.key).headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(plain.split("; "))
    assert "Secure" not in plain
    assert re.search(r"Max-Age=\d+", plain)
    secure = log_in(visit("https://voice.example"), accounts.key).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=lax", "Secure"} <= set(secure.split("; "))


def test_where_the_page_may_be_embedded_the_cookie_is_sent_there_over_https_alone(visit, accounts):
    secure = log_in(visit("https://voice.example", embedded=True), accounts.key)
    assert {"SameSite=none", "Secure", "Partitioned"} <= set(
        secure.headers["Set-Cookie"].split("; ")
    )
    plain = log_in(visit(embedded=True), accounts.key)
    assert "SameSite=lax" in plain.headers["Set-Cookie"]


@pytest.mark.parametrize("command", ["disable", "new-key"])
def test_a_login_ends_in_all_processes_at_once(visit, accounts, command):
    first, second = visit(), visit()
    log_in(first, accounts.key)
    second.cookies = first.cookies
    assert second.get("/").text == "Hello ann"
    accounts.run(command, "ann")
    assert "Please log in" in first.get("/").text
    assert "Please log in" in second.get("/").text


def test_logging_out_takes_the_cookie_away(visit, accounts):
    client = visit()
    log_in(client, accounts.key)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    client.get("/logout", headers=elsewhere)
    assert client.get("/").text == "Hello ann"
    assert client.get("/logout").headers["Location"] == "./"
    assert "Please log in" in client.get("/").text


def test_a_wrong_key_is_a_401_that_says_so_and_keeps_the_name(visit):
    program = log_in(visit(), "wrong")
    assert program.status_code == 401
    assert program.json()["message"].startswith("There is no such account")
    page = log_in(visit(), "wrong", name='"><b>ann', headers=BROWSER)
    assert page.status_code == 401
    assert 'role="alert"' in page.text
    assert 'value="&quot;&gt;&lt;b&gt;ann"' in page.text


def test_whoever_fails_too_often_has_to_wait_also_with_the_right_key(visit, accounts):
    client = visit()
    assert [log_in(client, "wrong").status_code for _ in range(11)] == [401] * 10 + [429]
    answer = log_in(client, accounts.key, headers=BROWSER)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "Too many failed logins. Please try again in" in answer.text


def test_whoever_does_not_fail_may_log_in_as_often_as_they_like(visit, accounts):
    client = visit()
    assert all(log_in(client, accounts.key).is_success for _ in range(30))


@pytest.mark.parametrize("body", [b"x" * 20_000, b"--x\r\nbroken"])
def test_what_is_no_form_is_a_400(visit, body):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert visit().post("/login", content=body, headers=headers).status_code in {400, 401}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh;q=0.5", "en"),
        ("zh;q=0.1,en;q=0.2", "en"),
        ("de", "en"),
        ("zh;q=much", "zh"),
        ("", "en"),
    ],
)
def test_the_page_speaks_the_browser_s_language(visit, accepted, language):
    page = visit().get("/", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in page.text
    assert page.headers["Cache-Control"] == "no-store"
