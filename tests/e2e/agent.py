"""An agent, by the official MCP client over streamable HTTP."""

import asyncio
from contextlib import asynccontextmanager

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


def with_session(server, work, headers=None, local_address=None):
    """Opens a session, and gives what `work(session)` gives."""

    async def run():
        async with session_with(server, headers, local_address) as session:
            return await work(session)

    return asyncio.run(run())


@asynccontextmanager
async def session_with(server, headers=None, local_address=None):
    """Opens a session inside of an event loop."""
    url = f"{server.url}/gradio_api/mcp/"
    async with (
        httpx.AsyncClient(
            headers=headers,
            timeout=60,
            transport=httpx.AsyncHTTPTransport(local_address=local_address),
        ) as client,
        streamable_http_client(url, http_client=client) as (read, write, *_),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


def call_tool(server, name, arguments, headers=None, **options):
    """Gives the text of the tool's answer, be it a result or an error."""
    call = with_session(
        server, lambda session: session.call_tool(name, arguments), headers, **options
    )
    return call.content[0].text
