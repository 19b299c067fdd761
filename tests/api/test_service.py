"""What is reserved and charged, whichever way a request ends."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import gradio as gr
import pytest
from fastapi import Request

from tests.e2e.accounts import AccountsFile
from voxcpm_space.api.access.access import Access, Caller
from voxcpm_space.api.service import SpeechService
from voxcpm_space.errors import (
    AccountsError,
    BalanceError,
    ForbiddenError,
    InputError,
    UnknownCallerError,
)
from voxcpm_space.settings import Settings
from voxcpm_space.studio import finished
from voxcpm_space.text import Script
from voxcpm_space.ui import batch_tab

SHORT = {"text": "A short sentence.", "dit_steps": 1}
TWO_PARTS = {
    "text": "A short sentence. A short sentence.\n\nAnother sentence. Another sentence.",
    "dit_steps": 1,
}


def asked_by(caller):
    place = {"path": "/gradio_api/queue/join", "headers": []}
    return Request({"type": "http", **place, "state": {"caller": caller}})


class ClosedServer:
    """What several servers share is their accounts: each of these is another process's."""

    def __init__(self, studio, accounts):
        self.access = Access(Settings(accounts=accounts.path, rate_limit=""))
        self.service = SpeechService(studio, self.access)
        self.accounts = accounts

    def request(self, *options) -> Request:
        """One of a new account, `ann`."""
        return asked_by(self.access.with_key(self.accounts.add("ann", *options)))

    def again(self) -> Request:
        return asked_by(Caller("ann", self.access._accounts.named("ann")))

    @property
    def balance(self) -> float:
        return self.access._reservations._balances.seconds("ann")

    @property
    def file(self):
        return self.accounts.path.with_suffix(".sqlite3")


@pytest.fixture
def accounts(tmp_path):
    return AccountsFile(tmp_path)


@pytest.fixture
def closed(studio, accounts) -> ClosedServer:
    accounts.add("operator")
    return ClosedServer(studio, accounts)


@pytest.fixture
def other(studio, closed) -> ClosedServer:
    return ClosedServer(studio, closed.accounts)


def made_by(events: Callable) -> float:
    with suppress(BalanceError):
        return finished(events()).seconds
    return 0.0


def test_only_the_part_that_is_made_again_is_charged_and_what_is_stopped_is_not(
    closed, upload, tone
):
    request, service = closed.request("--seconds=1000"), closed.service
    speech = finished(service.speak(request, TWO_PARTS))
    clone = finished(service.clone(request, TWO_PARTS | {"reference_audio_url": upload(tone(2))}))
    before = closed.balance
    assert before == pytest.approx(1000 - speech.seconds - clone.seconds, abs=0.002)
    remade = finished(service.regenerate(request, speech.id, 2))
    assert closed.balance == pytest.approx(before - remade.new_seconds, abs=0.002)
    assert remade.new_seconds < remade.seconds / 1.5
    before = closed.balance
    list(service.regenerate(request, clone.id, 1, stop_requested=lambda: True))
    service.export(request, clone.id, "mp3")
    assert closed.balance == before


def test_a_clone_is_made_again_only_for_who_may_clone(closed, upload, tone):
    request = closed.request("--unlimited")
    fields = SHORT | {"reference_audio_url": upload(tone(2))}
    clone = finished(closed.service.clone(request, fields))
    key = closed.accounts.add("speaker", "--unlimited", "--operation=text-to-speech")
    with pytest.raises(ForbiddenError, match="voice-cloning"):
        finished(closed.service.regenerate(asked_by(closed.access.with_key(key)), clone.id, 1))


def test_strangers_get_nothing_of_a_finished_speech(closed):
    speech = finished(closed.service.speak(closed.request("--unlimited"), SHORT))
    with pytest.raises(UnknownCallerError):
        closed.service.export(asked_by(None), speech.id, "mp3")
    with pytest.raises(UnknownCallerError):
        finished(closed.service.regenerate(asked_by(None), speech.id, 1))
    with pytest.raises(UnknownCallerError), closed.service.batch(asked_by(None)):
        pass


@pytest.mark.parametrize("expected", [None, 0.01], ids=["as estimated", "longer than estimated"])
def test_however_many_come_at_once_the_balance_is_overdrawn_by_one_request_at_most(
    closed, other, monkeypatch, expected
):
    if expected:
        monkeypatch.setattr(Script, "seconds", expected)
    request = closed.request("--seconds=0.5")
    with ThreadPoolExecutor(20) as callers:
        asked = [
            callers.submit(made_by, lambda service=service: service.speak(request, TWO_PARTS))
            for service in [closed.service, other.service] * 10
        ]
        made = [each.result() for each in asked]
    assert sum(made) <= 0.5 + max(made)
    assert closed.balance == pytest.approx(0.5 - sum(made), abs=0.002)


def test_while_all_is_reserved_the_next_is_told_to_wait(closed, other):
    request = closed.request("--seconds=0.5")
    with closing(closed.service.speak(request, SHORT)) as events:
        next(events)
        with pytest.raises(BalanceError, match=r"has 0.5 s of audio left, and all of them are"):
            finished(other.service.speak(request, SHORT))
    assert finished(other.service.speak(request, SHORT)).seconds


def test_what_is_left_in_the_middle_or_fails_costs_nothing_and_is_reserved_no_more(closed):
    request, service = closed.request("--seconds=0.5"), closed.service
    with closing(service.speak(request, SHORT)) as events:
        next(events)
    with pytest.raises(InputError):
        finished(service.clone(request, SHORT | {"reference_audio_url": "no such clip"}))
    with pytest.raises(InputError):
        finished(service.speak(request, {"text": "?!"}))
    assert closed.balance == 0.5
    assert finished(service.speak(request, SHORT)).seconds


def test_what_was_streamed_is_charged_however_it_ends(closed):
    request = closed.request("--seconds=100")
    with closing(closed.service.speak(request, TWO_PARTS, streamed=True)) as events:
        heard = next(event.made for event in events if event.made)
    assert closed.balance == pytest.approx(100 - heard, abs=0.002)


def test_a_pause_is_reserved_and_charged_like_other_audio(closed):
    request = closed.request("--seconds=100")
    events = closed.service.speak(request, SHORT | {"text": "Hello. [pause 10s] Bye."})
    assert next(events).expected > 10
    speech = finished(events)
    assert speech.seconds > 10
    assert closed.balance == pytest.approx(100 - speech.seconds, abs=0.002)


def deleted(file):
    file.unlink()


def emptied(file):
    file.write_bytes(b"")


def overwritten(file):
    file.write_bytes(b"\xff" * 4096)


@pytest.fixture(params=[deleted, emptied, overwritten])
def damage(request):
    return request.param


def test_with_its_balances_damaged_the_server_refuses_who_has_to_pay(closed, damage, caplog):
    request = closed.request("--seconds=100")
    copy = closed.file.read_bytes()
    damage(closed.file)
    with pytest.raises(AccountsError, match=r"cannot read or write the balances") as refusal:
        finished(closed.service.speak(request, SHORT))
    assert refusal.value.status == 503
    assert str(closed.file) in caplog.text
    operator = Caller("operator", closed.access._accounts.named("operator"))
    assert finished(closed.service.speak(asked_by(operator), SHORT)).seconds
    closed.file.write_bytes(copy)
    assert finished(closed.service.speak(request, SHORT)).seconds < 100 - closed.balance + 0.002


def test_a_speech_that_cannot_be_charged_is_not_given_out(closed, damage):
    request = closed.request("--seconds=100")
    copy = closed.file.read_bytes()
    events = closed.service.speak(request, SHORT)
    next(events)
    damage(closed.file)
    with pytest.raises(AccountsError):
        finished(events)
    closed.file.write_bytes(copy)
    assert closed.balance == 100


def test_what_was_heard_already_is_charged_once_that_can_be_done(closed):
    request = closed.request("--seconds=100")
    copy = closed.file.read_bytes()
    with closing(closed.service.speak(request, TWO_PARTS, streamed=True)) as events:
        heard = next(event.made for event in events if event.made)
        deleted(closed.file)
    closed.file.write_bytes(copy)
    speech = finished(closed.service.speak(request, SHORT))
    assert closed.balance == pytest.approx(100 - heard - speech.seconds, abs=0.002)


@pytest.fixture
def batch(closed, studio, tmp_path, monkeypatch):
    """Makes a batch of three lines for an account, as the page does."""
    monkeypatch.setattr(closed.service, "link", lambda *_: "of an application that is not here")
    texts = tmp_path / "texts.csv"
    texts.write_text("text,dit_steps\n" + "A short sentence.,1\n" * 3)
    handlers = batch_tab._Handlers(closed.service, studio._outputs)

    def perform(request):
        asked = gr.Request(request=request, session_hash="a page")
        return handlers.perform(asked, {"path": str(texts)}, "")

    return perform


def test_a_batch_is_charged_once_it_can_be_downloaded(closed, batch):
    request = closed.request("--seconds=100")
    before_the_last = 0.0
    for _, _, download, *_ in batch(request):
        if download.get("value"):
            break
        before_the_last = closed.balance
    assert before_the_last == 100
    assert closed.balance < 100


def test_who_leaves_a_batch_pays_for_the_clips_that_could_be_played(closed, batch):
    request = closed.request("--seconds=100")
    made = 0.0
    with closing(batch(request)) as updates:
        for line, clips, *_ in updates:
            if "rows" in clips:
                made = sum(row.get("seconds", 0) for row in clips["rows"])
            if "Clip 3 of 3" in str(line):
                break
    assert made > 0
    assert closed.balance == pytest.approx(100 - made, abs=0.01)


def test_a_batch_that_cannot_be_stored_costs_nothing(closed, batch, monkeypatch):
    request = closed.request("--seconds=100")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("voxcpm_space.batch.archive.Archive.finish", full)
    with pytest.raises(gr.Error, match="cannot store speech"):
        list(batch(request))
    assert closed.balance == 100


def test_the_clips_of_a_batch_overdraw_a_balance_by_one_at_most(closed, batch):
    request = closed.request("--seconds=0.1")
    *_, (line, *_) = batch(request)
    assert "1 of 3 clips are made" in str(line)
    assert closed.balance < 0
