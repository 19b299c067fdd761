"""Voice agents: text in pieces over a WebSocket, audio as it is made."""

import json

import numpy as np
import pytest
from websockets.sync.client import connect

from tests.e2e.voice_agent import Agent
from tests.listening import median_f0
from tests.sharing import shared
from voxcpm_space.api import speech_socket

LONG = " ".join(["The train was late again."] * 30)
RATE = 24_000


@shared
def for_agents(in_process, preview):
    with in_process(preview) as server:
        yield server


@pytest.fixture
def agent(for_agents):
    url = for_agents.url.replace("http", "ws")
    with connect(f"{url}/v1/audio/speech/stream") as socket:
        agent = Agent(socket)
        agent.say("session.config", voice="default", response_format="pcm", seed=3)
        yield agent


def spoken(messages):
    return [one["sentence_text"] for one in messages if one["type"] == "audio.start"]


def test_sentences_are_spoken_as_they_end_and_the_rest_at_the_end(agent):
    for word in ["The train ", "was late", " again. We", " have to"]:
        agent.say("input.text", text=word)
    messages, audio = agent.hear(until="audio.done")
    assert messages[0] == {
        "type": "audio.start",
        "sentence_index": 0,
        "sentence_text": "The train was late again.",
        "format": "pcm",
        "sample_rate": RATE,
    }
    assert messages[-1] == {
        "type": "audio.done",
        "sentence_index": 0,
        "total_bytes": len(audio),
        "error": False,
    }
    assert 1 < len(audio) / 2 / RATE < 4
    agent.say("input.text", text=" wait.")
    agent.say("input.done")
    messages, _ = agent.hear(until="session.done")
    assert spoken(messages) == ["We have to wait."]
    assert messages[-1]["total_sentences"] == 2


def test_where_nothing_comes_for_a_moment_a_clause_is_spoken(agent):
    agent.say("input.text", text="When the train was late again, we had to")
    messages, _ = agent.hear(until="audio.done")
    assert spoken(messages) == ["When the train was late again,"]
    agent.say("input.text", text=" wait.")
    assert spoken(agent.hear(until="audio.done")[0]) == ["we had to wait."]


def test_what_is_flushed_is_spoken_though_it_has_not_ended(agent):
    agent.say("input.text", text="One moment")
    agent.say("input.flush")
    assert spoken(agent.hear(until="audio.done")[0]) == ["One moment"]


def test_a_clip_s_voice_speaks_all_sentences(agent):
    agent.say("session.config", voice="english-female-slt", response_format="pcm", speed=1.25)
    agent.say("input.text", text="The train was late again. We have to wait here for a while. ")
    for _ in range(2):
        agent.say("input.flush")
        _, audio = agent.hear(until="audio.done")
        samples = np.frombuffer(audio, "<i2") / 2**15
        assert median_f0(samples, RATE) == pytest.approx(169, rel=0.15)


def test_cancelling_ends_the_work_and_the_next_text_is_spoken(for_agents, agent):
    agent.say("input.text", text=LONG)
    agent.say("input.done")
    agent.hear(until="audio.start")
    agent.say("input.cancel")
    agent.hear(until="session.cancelled")
    assert for_agents.metric("voxcpm_open_takes") == 0
    agent.say("input.text", text="Hello.")
    agent.say("input.done")
    messages, _ = agent.hear(until="session.done")
    assert spoken(messages) == ["Hello."]


def test_a_wav_is_a_frame_of_its_own_for_each_sentence(agent):
    agent.say("session.config", response_format="wav", sample_rate=16_000)
    agent.say("input.text", text="One and two. Three and four.")
    agent.say("input.done")
    frames = []
    while True:
        received = agent.socket.recv(timeout=60)
        if isinstance(received, bytes):
            frames.append(received)
        elif json.loads(received)["type"] == "session.done":
            break
    assert [frame[:4] for frame in frames] == [b"RIFF", b"RIFF"]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({"type": "session.config", "speed": 9}, "speed must be a number from 0.25 to 4, not 9"),
        ({"type": "session.config", "voice": 5}, "voice must be a string"),
        ({"type": "session.config", "voice": "me"}, "There is no voice of the name me."),
        ({"type": "session.config", "instructions": "x" * 2001}, "instructions: The voice descr"),
        ({"type": "input.text"}, "text is missing"),
        ({"type": "input.audio"}, "type must be one of session.config, input.text, input.flush"),
        ([], "The JSON must be an object"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_the_socket_stays_open(agent, message, sentence):
    agent.socket.send(json.dumps(message))
    (error,), _ = agent.hear(until="error")
    assert (error["code"], sentence in error["message"]) == (400, True), error
    agent.say("input.text", text="Hello.")
    agent.say("input.done")
    assert agent.hear(until="session.done")[0][-1]["total_sentences"] == 1


def test_what_goes_wrong_in_a_text_ends_it_with_a_sentence(agent):
    agent.say("session.config", voice="data:,no-voice")
    agent.say("input.text", text="Hello. And more.")
    agent.say("input.done")
    messages, _ = agent.hear(until="session.done")
    assert [one["type"] for one in messages] == ["error", "session.done"]
    assert messages[0]["code"] == 400
    assert messages[1]["total_sentences"] == 0


def test_a_silent_socket_is_closed(for_agents, monkeypatch):
    monkeypatch.setattr(speech_socket, "_IDLE_SECONDS", 0.1)
    url = for_agents.url.replace("http", "ws")
    with connect(f"{url}/v1/audio/speech/stream") as socket:
        assert list(socket) == []
        assert socket.close_code == 1001
