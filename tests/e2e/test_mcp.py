import json

import httpx

from tests.e2e.agent import call_tool, with_session


def test_agents_find_the_two_operations_with_their_parameters_described(server):
    tools = with_session(server, lambda session: session.list_tools()).tools
    assert sorted(tool.name for tool in tools) == ["text_to_speech", "voice_cloning"]
    for tool in tools:
        assert "VoxCPM2" in tool.description
        properties = tool.inputSchema["properties"]
        assert "request" not in properties
        assert all(properties[name].get("description") for name in properties)


def test_an_agent_can_speak(server):
    answer = call_tool(server, "text_to_speech", {"text": "Hello there."})
    url = json.loads(answer.replace("'", '"'))["output"]
    assert httpx.get(url).headers["Content-Type"] == "audio/wav"
