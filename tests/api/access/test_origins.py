"""Whether a page of another site made a browser send a request."""

import pytest
from starlette.requests import HTTPConnection

from voxcpm_space.api.access.origins import comes_from_elsewhere, refuse_changes_from_elsewhere
from voxcpm_space.errors import ForbiddenError


def request(method="POST", **headers):
    raw = [(name.replace("_", "-").lower().encode(), v.encode()) for name, v in headers.items()]
    return HTTPConnection({"type": "http", "method": method, "path": "/", "headers": raw})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "voice.example", "Origin": "https://voice.example"},
        {"Host": "127.0.0.1:7860", "Origin": "http://127.0.0.1:7860"},
        {
            "Host": "inside:7860",
            "X_Forwarded_Host": "voice.example",
            "Origin": "http://voice.example",
        },
        {"Host": "inside:7860", "Sec_Fetch_Site": "same-origin", "Origin": "http://voice.example"},
        {"Host": "voice.example", "Sec_Fetch_Site": "none"},
    ],
)
def test_the_own_page_and_programs_are_at_home(headers):
    assert not comes_from_elsewhere(request(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "voice.example", "Origin": "https://other.example"},
        {"Host": "voice.example", "Origin": "null"},
        {"Host": "voice.example", "Origin": ""},
        {"Origin": "https://other.example"},
        {"Host": "127.0.0.1:7860", "Origin": "http://127.0.0.1:8000"},
        {"Host": "voice.example", "Sec_Fetch_Site": "cross-site"},
        {"Host": "voice.example", "Sec_Fetch_Site": "same-site"},
    ],
)
def test_all_others_may_look_but_change_nothing(headers):
    assert comes_from_elsewhere(request(**headers))
    with pytest.raises(ForbiddenError, match="page of another website"):
        refuse_changes_from_elsewhere(request(**headers))
    refuse_changes_from_elsewhere(request("GET", **headers))
