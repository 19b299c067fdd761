"""An open server counts by address, whichever door is used."""

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.e2e.agent import call_tool
from tests.sharing import shared


@shared
def limited(in_process, engine):
    with in_process(engine, rate_limit="2/hour") as server:
        yield server


def from_address(address):
    """Headers as a proxy on this machine sends them."""
    return {"X-Forwarded-For": address}


def speak(server, address):
    return httpx.post(
        f"{server.url}/voxcpm/v1/text-to-speech",
        json={"text": "Hi.", "dit_steps": 1},
        headers=from_address(address),
        timeout=60,
    )


def test_an_address_that_asks_too_often_waits_and_others_go_on(limited):
    assert [speak(limited, "203.0.113.1").status_code for _ in range(2)] == [200, 200]
    refusal = speak(limited, "203.0.113.1")
    assert refusal.status_code == 429
    assert refusal.json()["message"].startswith("Too many requests: 2 per 1 hour are allowed.")
    assert 0 < int(refusal.headers["Retry-After"]) <= 3600
    assert speak(limited, "203.0.113.2").status_code == 200
    assert speak(limited, "198.51.100.9, 203.0.113.1").status_code == 429  # a forged beginning


def test_all_doors_count_together(limited):
    address = from_address("203.0.113.3")
    client = Client(limited.url, verbose=False, headers=address)
    client.predict("Hi.", api_name="/text-to-speech")
    assert "output" in call_tool(limited, "text_to_speech", {"text": "Hi."}, address)
    with pytest.raises(AppError, match="Too many requests"):
        client.predict("Hi.", api_name="/text-to-speech")
    client.close()
    assert "Too many requests" in call_tool(limited, "text_to_speech", {"text": "Hi."}, address)
    fields = {"model": "voxcpm2", "input": "Hi."}
    speech = f"{limited.url}/v1/audio/speech"
    assert httpx.post(speech, json=fields, headers=address).status_code == 429


def test_an_agent_cannot_choose_the_address_it_is_counted_by(limited):
    """Its headers come back over loopback, whose word about addresses is taken."""
    calls = [
        call_tool(
            limited,
            "text_to_speech",
            {"text": "Hi."},
            from_address(f"198.51.100.{number}"),
            local_address="127.0.0.2",
        )
        for number in range(3)
    ]
    assert ["Too many requests" in call for call in calls] == [False, False, True]
