"""The advanced settings on the page."""

import asyncio

import gradio as gr

from voxcpm_space.settings import Settings
from voxcpm_space.ui.fields import advanced_settings


async def movable(**settings):
    """Tells of CFG scale, DiT steps and speed; in an event loop, of which Gradio else makes one."""
    with gr.Blocks():
        sliders = advanced_settings(Settings(**settings)).inputs[:3]
    return [slider.interactive is not False for slider in sliders]


def test_what_servers_of_the_model_have_fixed_cannot_be_moved():
    assert asyncio.run(movable()) == [True, True, True]
    assert asyncio.run(movable(engine_url="http://gpu1:8091")) == [False, False, True]
