import asyncio
import json

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


def with_session(server, work):
    async def run():
        url = f"{server.url}/gradio_api/mcp/"
        async with (
            streamable_http_client(url) as (read, write, *_),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await work(session)

    return asyncio.run(run())


def test_agents_find_the_two_operations_with_their_parameters_described(server):
    tools = with_session(server, lambda session: session.list_tools()).tools
    assert sorted(tool.name for tool in tools) == ["text_to_speech", "voice_cloning"]
    for tool in tools:
        assert "VoxCPM2" in tool.description
        properties = tool.inputSchema["properties"]
        assert "request" not in properties
        assert all(properties[name].get("description") for name in properties)


def test_an_agent_can_speak(server):
    answer = with_session(
        server, lambda session: session.call_tool("text_to_speech", {"text": "Hello there."})
    )
    assert not answer.isError
    url = json.loads(answer.content[0].text.replace("'", '"'))["output"]
    assert httpx.get(url).headers["Content-Type"] == "audio/wav"
