"""One model, many users: each hears what they would hear alone, whatever the others do."""

import contextlib
import io
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import soundfile
from gradio_client import Client, handle_file

from tests.e2e.server import ROOT

CLIP = ROOT / "examples" / "clips" / "english-female-slt.wav"
TRANSCRIPT = "The old house stood at the end of the road."
SPEAK, CLONE = "/voxcpm/v1/text-to-speech", "/voxcpm/v1/voice-cloning"


def through_hosted(server, path, **fields):
    answer = httpx.post(server.url + path, json=fields, timeout=240).json()
    return httpx.get(answer.get("output") or answer["url"]).content


def through_gradio(server, name, **fields):
    client = Client(server.url, verbose=False)
    try:
        answer = client.predict(**fields, api_name=name)
    finally:
        client.close()
    return httpx.get(answer.get("output") or answer["url"]).content


def wanted(number):
    """A caller with a seed of their own, in one of four modes through one of two doors."""
    fields = {"text": f"Caller number {number} speaks.", "seed": number, "dit_steps": 4}
    name = CLIP.stem
    modes = [
        lambda server: through_hosted(server, SPEAK, **fields),
        lambda server: through_gradio(server, "/text-to-speech", **fields, normalize=True),
        lambda server: through_hosted(server, CLONE, **fields, reference_audio_url=name),
        lambda server: through_gradio(
            server,
            "/voice-cloning",
            **fields,
            reference_audio_url=handle_file(CLIP),
            prompt_text=TRANSCRIPT,
        ),
    ]
    return modes[number % len(modes)]


def disturb(server, quiet):
    """Sends nonsense, and leaves in the middle, until it is quiet."""
    chance = random.Random(1)
    long = " ".join(["The train was late again."] * 10)
    while not quiet.is_set():
        with contextlib.suppress(httpx.TimeoutException):
            fields = chance.choice([{"text": ""}, {"text": long}, {"cfg_value": "x"}])
            httpx.post(server.url + SPEAK, json=fields, timeout=0.3)
        with (
            contextlib.suppress(httpx.TimeoutException),
            httpx.stream(
                "POST",
                f"{server.url}/v1/audio/speech",
                json={"model": "x", "input": long, "response_format": "pcm"},
                timeout=2,
            ) as answer,
        ):
            next(answer.iter_bytes(), None)


def test_16_callers_at_once_get_what_each_gets_alone_bit_for_bit(busy):
    callers = [wanted(number) for number in range(16)]
    alone = [ask(busy) for ask in callers]
    assert len(set(alone)) == 16
    quiet = threading.Event()
    disturber = threading.Thread(target=disturb, args=(busy, quiet))
    disturber.start()
    try:
        order = random.Random(2).sample(range(16), 16)
        with ThreadPoolExecutor(16) as pool:
            together = dict(zip(order, pool.map(lambda n: callers[n](busy), order), strict=True))
    finally:
        quiet.set()
        disturber.join()
    for number in range(16):
        samples = [soundfile.read(io.BytesIO(wav))[0] for wav in (alone[number], together[number])]
        assert np.array_equal(*samples), f"caller {number}"
    assert "Traceback" not in busy.log
