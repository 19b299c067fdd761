"""The advanced settings on the page."""

import asyncio

import gradio as gr

from voxcpm_space.checking import checked
from voxcpm_space.schemas import SpeechRequest
from voxcpm_space.settings import Settings
from voxcpm_space.ui.fields import Advanced, advanced_settings


def values(**changes):
    """Those of the page's fields as they come, changed."""
    of_fields = {"cfg_value": 2.0, "dit_steps": 20, "speed": 1.0, "seed": 7, "new_seed": False}
    return (of_fields | {"normalize": False, "quality": ""} | changes).values()


def test_a_quality_that_is_chosen_takes_the_place_of_the_steps():
    by_steps, draft = Advanced.fields(*values()), Advanced.fields(*values(quality="draft"))
    assert (by_steps["dit_steps"], by_steps["quality"]) == (20, None)
    assert draft["quality"] == "draft"
    assert "dit_steps" not in draft


def test_a_speech_is_put_back_with_its_quality():
    for fields in (values(dit_steps=10, quality="best"), values()):
        asked = {"text": "Hi.", **Advanced.fields(*fields)}
        assert Advanced.values(checked(SpeechRequest, asked, Settings())) == list(fields)


async def movable(**settings):
    """Tells of CFG scale, DiT steps, speed, quality; in an event loop, else Gradio makes one."""
    with gr.Blocks():
        inputs = advanced_settings(Settings(**settings)).inputs
    return [each.interactive is not False for each in (*inputs[:3], inputs[-1])]


def test_what_servers_of_the_model_have_fixed_cannot_be_moved():
    assert asyncio.run(movable()) == [True, True, True, True]
    assert asyncio.run(movable(engine_url="http://gpu1:8091")) == [False, False, True, False]
