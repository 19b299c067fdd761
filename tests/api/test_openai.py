import asyncio

import numpy as np
from starlette.requests import ClientDisconnect

from voxcpm_space.api.openai import _encoded
from voxcpm_space.encoding import FORMATS, StreamEncoder
from voxcpm_space.synthesis import Progress


def test_a_stream_whose_listener_has_left_ends_without_a_fault():
    first = Progress(0.1, 1.0, np.ones(480, np.float32), 48_000)

    async def followed():
        yield first
        raise ClientDisconnect

    async def heard():
        encoder = StreamEncoder(FORMATS["pcm"], 48_000, "synthetic")
        return [piece async for piece in _encoded(first, followed(), encoder)]

    assert len(asyncio.run(heard())) == 2
