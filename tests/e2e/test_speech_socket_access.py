"""Who may speak over the WebSocket, how often, and who pays."""

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.e2e.voice_agent import Agent


@pytest.fixture
def opened(closed):
    """Opens the socket with a key."""

    def with_key(key):
        url = closed.url.replace("http", "ws") + "/v1/audio/speech/stream"
        return connect(url, additional_headers={"Authorization": f"Bearer {key}"})

    return with_key


def test_a_closed_server_wants_a_key(opened):
    with pytest.raises(InvalidStatus) as refusal, opened("wrong"):
        pass
    assert refusal.value.response.status_code == 401


def test_an_account_pays_for_what_was_spoken(opened, accounts):
    key = accounts.add("talker", "--seconds", "100")
    with opened(key) as socket:
        agent = Agent(socket)
        agent.say("input.text", text="Hello there.")
        agent.say("input.done")
        agent.hear(until="session.done")
    assert "talker\tenabled\t100 s" not in accounts.run("list")


def test_a_text_counts_as_one_request_however_many_sentences_it_has(opened, accounts):
    key = accounts.add("slow", "--unlimited", "--requests-per-minute", "1")
    with opened(key) as socket:
        agent = Agent(socket)
        agent.say("input.text", text="One and two. Three and four.")
        agent.say("input.done")
        assert agent.hear(until="session.done")[0][-1]["total_sentences"] == 2
        agent.say("input.text", text="And another one.")
        agent.say("input.done")
        messages, _ = agent.hear(until="session.done")
    assert messages[0]["code"] == 429
    assert "Too many requests" in messages[0]["message"]
