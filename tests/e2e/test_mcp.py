import json
from base64 import b64encode

import httpx
import numpy as np

from tests.e2e.agent import call_tool, with_session
from tests.reference import files

SECOND = files.written(np.sin(np.arange(16_000) / 20) / 5, 16_000)


def test_agents_find_the_two_operations_with_their_parameters_described(server):
    tools = with_session(server, lambda session: session.list_tools()).tools
    assert sorted(tool.name for tool in tools) == ["text_to_speech", "voice_cloning"]
    for tool in tools:
        assert "VoxCPM2" in tool.description
        properties = tool.inputSchema["properties"]
        assert "request" not in properties
        assert all(properties[name]["description"].endswith((".", '"')) for name in properties)
    (cloning,) = (tool for tool in tools if tool.name == "voice_cloning")
    clip = cloning.inputSchema["properties"]["reference_audio_url"]["description"]
    assert "english-male-rms" in clip
    assert clip.endswith("empty where voice is given.")


def test_an_agent_is_told_of_warnings_in_the_answer(server):
    short = "data:audio/wav;base64," + b64encode(SECOND).decode()
    answer = call_tool(server, "voice_cloning", {"text": "# Hello.", "reference_audio_url": short})
    assert "5 to 20 s clone better" in answer
    assert "Markdown marks removed" in answer


def test_an_agent_can_speak(server):
    answer = call_tool(server, "text_to_speech", {"text": "Hello there."})
    url = json.loads(answer.replace("'", '"'))["output"]
    assert httpx.get(url).headers["Content-Type"] == "audio/wav"
