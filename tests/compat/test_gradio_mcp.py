"""What of Gradio's MCP server is private: its calls are ended with the real server and client."""

import asyncio
import subprocess
import sys
import threading
from types import SimpleNamespace

import gradio as gr
import pytest
from mcp import types

from tests.e2e.agent import session_with
from tests.e2e.server import ROOT
from voxcpm_space.compat.gradio import has_caller_left
from voxcpm_space.compat.gradio_mcp import end_abandoned_mcp_calls

pytestmark = pytest.mark.slow

WAYS = ["cancelled", "session closed", "client gone", "answered"]
ENDED = "Work ended."


def build_demo(begun, ended):
    def work(seconds: float) -> str:
        begun.set()
        stay = threading.Event()
        while not has_caller_left() and (seconds := seconds - 0.05) > 0:
            stay.wait(0.05)
        ended.set()
        return ENDED

    with gr.Blocks(analytics_enabled=False) as demo:
        gr.api(work, api_name="work")
    return demo


async def leave(way, server, begun):
    """Calls the tool, and leaves by one of the ways once it works."""
    async with session_with(server) as session:
        seconds = 0.1 if way == "answered" else 300
        call = asyncio.create_task(session.call_tool("work", {"seconds": seconds}))
        await asyncio.to_thread(begun.wait)
        if way == "cancelled":
            await session.send_notification(
                types.ClientNotification(
                    types.CancelledNotification(
                        params=types.CancelledNotificationParams(requestId=session._request_id - 1)
                    )
                )
            )
        if way == "client gone":
            call.cancel()
        if way != "session closed":
            await asyncio.wait([call], timeout=20)
            call.cancel()
        if way == "answered":
            assert (await call).content[0].text == ENDED


def main():
    begun, ended = threading.Event(), threading.Event()
    demo = build_demo(begun, ended)
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, mcp_server=True)
    end_abandoned_mcp_calls(demo)
    for way in WAYS:
        asyncio.run(leave(way, SimpleNamespace(url=url.rstrip("/")), begun))
        sys.stdout.write(f"{way}: {ended.wait(10)}\n")
        begun.clear()
        ended.clear()
    demo.close()


@pytest.fixture(scope="module")
def told():
    """By a process of its own: Gradio warns when it cancels."""
    program = "from tests.compat.test_gradio_mcp import main; main()"
    return subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT, timeout=60)


@pytest.mark.parametrize("way", WAYS)
def test_a_tool_s_work_ends_however_its_caller_leaves(told, way):
    assert f"{way}: True" in told.splitlines()
