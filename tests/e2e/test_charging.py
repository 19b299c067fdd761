"""A closed server charges through every door what it delivers, and nothing else."""

import itertools
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import httpx
import openai
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.e2e.agent import call_tool

TEXT = "The train was late again."
LONG = " ".join([TEXT] * 20)
SPEAK, OPENAI = "/voxcpm/v1/text-to-speech", "/v1/audio/speech"


class Payer:
    """An account with a balance."""

    def __init__(self, server, accounts, name, seconds):
        self.server, self.accounts, self.name = server, accounts, name
        self.key = accounts.add(name, "--seconds", str(seconds))
        self.headers = {"Authorization": f"Bearer {self.key}"}

    @property
    def balance(self) -> float:
        found = re.search(rf"{self.name}\tenabled\t(\S+) s", self.accounts.run("list"))
        assert found
        return float(found[1])

    def has_reservations(self) -> bool:
        with closing(sqlite3.connect(self.accounts.path.with_suffix(".sqlite3"))) as database:
            query = "SELECT count(*) FROM reservation WHERE account = ?"
            return bool(database.execute(query, (self.name,)).fetchone()[0])

    def post(self, path, **fields) -> httpx.Response:
        url = self.server.url + path
        return httpx.post(url, json=fields, headers=self.headers, timeout=60)

    def hosted(self, text=TEXT):
        response = self.post(SPEAK, text=text, dit_steps=1)
        return response.status_code, response.text

    def openai(self, text=TEXT):
        response = self.post(OPENAI, model="voxcpm2", input=text, response_format="pcm")
        return response.status_code, response.text

    def gradio(self, text=TEXT):
        client = Client(self.server.url, headers=self.headers, verbose=False)
        try:
            return 200, str(client.predict(text, dit_steps=1, api_name="/text-to-speech"))
        except AppError as error:
            return 0, str(error)
        finally:
            client.close()

    def agent(self, text=TEXT):
        return 0, call_tool(self.server, "text_to_speech", {"text": text}, self.headers)


_numbers = itertools.count()


@pytest.fixture
def payer(closed, accounts) -> Callable[[float], Payer]:
    """Adds an account with that many seconds."""
    return lambda seconds: Payer(closed, accounts, f"payer{next(_numbers)}", seconds)


def test_twenty_at_once_overdraw_a_balance_by_one_speech_at_most(payer):
    ann = payer(2)
    with ThreadPoolExecutor(20) as callers:
        answers = list(callers.map(lambda _: ann.post(SPEAK, text=TEXT, dit_steps=1), range(20)))
    made = [float(answer.headers.get("X-Audio-Seconds", 0)) for answer in answers]
    assert sum(made) <= 2 + max(made)
    assert ann.balance == pytest.approx(2 - sum(made), abs=0.2)
    assert {answer.status_code for answer in answers} == {200, 402}


@pytest.mark.parametrize("stream_format", ["audio", "sse"])
def test_what_openai_s_clients_hear_is_what_is_charged(payer, stream_format):
    ann = payer(100)
    answer = ann.post(
        OPENAI, model="v", input=TEXT, response_format="pcm", stream_format=stream_format
    )
    heard = len(answer.content)
    if stream_format == "sse":
        audio = re.findall(r'"audio": "(.*?)"', answer.text)
        heard = sum(len(delta) * 3 / 4 - delta.count("=") for delta in audio)
    assert heard
    assert 100 - ann.balance == pytest.approx(heard / 2 / 24_000, abs=0.002)


def test_who_hangs_up_before_the_answer_pays_nothing_and_may_ask_again(payer):
    ann = payer(1)
    with suppress(httpx.ReadTimeout):
        fields = {"text": LONG, "dit_steps": 50}
        httpx.post(ann.server.url + SPEAK, json=fields, headers=ann.headers, timeout=0.5)
    ann.server.wait(lambda: not ann.has_reservations())
    assert ann.balance == 1
    assert ann.hosted()[0] == 200


def test_who_hangs_up_on_a_stream_pays_what_was_made_of_it_and_may_ask_again(payer):
    ann = payer(100)
    with (
        openai.OpenAI(base_url=f"{ann.server.url}/v1", api_key=ann.key) as client,
        client.audio.speech.with_streaming_response.create(
            model="voxcpm2", voice="default", input=LONG, response_format="pcm"
        ),
    ):
        assert ann.has_reservations()
    ann.server.wait(lambda: not ann.has_reservations())
    assert 90 < ann.balance <= 100


@pytest.mark.parametrize("door", ["hosted", "openai", "gradio", "agent"])
def test_without_balances_no_door_makes_anything_for_who_has_to_pay(payer, door):
    ann = payer(100)
    balances = ann.accounts.path.with_suffix(".sqlite3")
    made = ann.server.made_files()
    away = balances.rename(f"{balances}.away")
    try:
        status, said = getattr(ann, door)()
    finally:
        away.rename(balances)
    assert "cannot read or write the balances" in said
    assert status in {0, 503}
    assert ann.server.made_files() == made
    assert ann.balance == 100
    assert "sqlite3.OperationalError" not in ann.server.log  # a sentence, no traceback


@pytest.mark.parametrize("door", ["hosted", "openai", "gradio", "agent"])
def test_a_door_that_refuses_charges_nothing(payer, door):
    ann = payer(100)
    _, said = getattr(ann, door)("?!")
    assert "only punctuation" in said
    assert ann.balance == 100
    assert not ann.has_reservations()
