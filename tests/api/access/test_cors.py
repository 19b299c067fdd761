"""What programs in other sites' pages may do."""

import pytest
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from voxcpm_space.api.access.origins import Cors

ELSEWHERE = {"Origin": "https://app.example"}


async def application(scope, receive, send):
    """Refuses, and tells which origin it sees."""
    origin = dict(scope["headers"]).get(b"origin", b"").decode()
    await JSONResponse({"origin": origin}, 401)(scope, receive, send)


@pytest.fixture
def browser():
    def ask(origins, *, everywhere=False):
        return TestClient(Cors(application, origins, everywhere=everywhere))

    return ask


def test_a_refusal_can_be_read_from_elsewhere_with_our_headers_and_no_cookie(browser):
    answer = browser("*").post("/v1/audio/speech", headers=ELSEWHERE)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"X-Warnings", "X-Seed"} <= set(
        answer.headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.json() == {"origin": ""}  # which Gradio would answer with credentials


def test_a_preflight_is_answered_also_for_a_private_network(browser):
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
        "Access-Control-Request-Private-Network": "true",
    }
    answer = browser("*").options("/voxcpm/v1/text-to-speech", headers=ELSEWHERE | asked)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization"


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ("https://app.example", "https://app.example"),
        ("https://a.example , https://app.example", "https://app.example"),
        ("https://a.example", None),
        ("", None),
    ],
)
def test_only_the_origins_of_the_setting_are_allowed(browser, origins, allowed):
    answer = browser(origins).get("/v1/models", headers=ELSEWHERE)
    assert answer.headers.get("Access-Control-Allow-Origin") == allowed


def test_the_page_s_own_routes_are_left_to_others_unless_it_is_for_all(browser):
    for everywhere in (False, True):
        answer = browser("*", everywhere=everywhere).get("/config", headers=ELSEWHERE)
        assert ("Access-Control-Allow-Origin" in answer.headers) is everywhere
        assert answer.json() == {"origin": ELSEWHERE["Origin"]}  # by which the gate tells
