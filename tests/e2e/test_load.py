"""Many programs at once, good and bad: every one is answered, and nothing is left behind."""

import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from voxcpm_space.api.openapi import ANSWERS

CLIENTS, REQUESTS_EACH = 20, 10
LEFT = "left"

REQUESTS = [
    *[("/voxcpm/v1/text-to-speech", {"text": "Hi.", "dit_steps": 2})] * 4,
    *[("/v1/audio/speech", {"model": "voxcpm2", "input": "Hi."})] * 2,
    (
        "/voxcpm/v1/voice-cloning",
        {"text": "Hi.", "reference_audio_url": "english-male-rms", "dit_steps": 2},
    ),
    ("/voxcpm/v1/voice-cloning", {"text": "Hi.", "reference_audio_url": "http://127.0.0.1/"}),
    ("/voxcpm/v1/text-to-speech", {"text": "", "cfg_value": "high"}),
    ("/voxcpm/v1/text-to-speech", ["no", "object"]),
]


def ask_again_and_again(url, seed):
    """Asks by chance for this and that, and leaves before one answer in ten."""
    chance = random.Random(seed)
    outcomes = Counter()
    with httpx.Client(base_url=url, timeout=120) as client:
        for _ in range(REQUESTS_EACH):
            path, fields = chance.choice(REQUESTS)
            patience = 0.05 if chance.random() < 0.1 else 120
            try:
                outcomes[client.post(path, json=fields, timeout=patience).status_code] += 1
            except httpx.ReadTimeout:
                assert patience < 1, "an answer never came"
                outcomes[LEFT] += 1
    return outcomes


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files as Linux shows them")
def test_200_requests_of_20_clients_are_all_answered_and_leave_nothing_open(busy):
    def opened():
        return len(list(Path(f"/proc/{busy.pid}/fd").iterdir()))

    ask_again_and_again(busy.url, seed=0)
    files, before = len(busy.made_files()), opened()
    with ThreadPoolExecutor(CLIENTS) as clients:
        runs = clients.map(lambda seed: ask_again_and_again(busy.url, seed), range(CLIENTS))
        outcomes = sum(runs, Counter())
    assert outcomes.total() == CLIENTS * REQUESTS_EACH
    assert set(outcomes) <= {200, 400, 429, LEFT}
    assert set(outcomes) - {LEFT} <= set(ANSWERS)
    assert outcomes[200] > 50
    assert outcomes[400] > 20
    busy.wait(lambda: "open_takes 0.0" in httpx.get(f"{busy.url}/metrics").text)
    assert len(busy.made_files()) - files <= outcomes[200] + outcomes[LEFT]
    busy.wait(lambda: opened() <= before + 2)
    assert "Traceback" not in busy.log
