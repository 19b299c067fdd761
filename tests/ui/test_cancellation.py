import threading
from types import SimpleNamespace

import gradio as gr
import pytest

from voxcpm_space.ui import generate_buttons as module
from voxcpm_space.ui.generate_buttons import Cancellations

ANN, BOB = (SimpleNamespace(session_hash=name) for name in ("ann", "bob"))


@pytest.fixture
def cancellation(monkeypatch):
    monkeypatch.setattr(module, "_NEXT_TURN_SECONDS", 0.01)
    return Cancellations()


def test_one_visitor_s_stop_is_no_other_s(cancellation):
    with cancellation.watched(ANN) as ann, cancellation.watched(BOB) as bob:
        cancellation.ask(BOB)
        assert bob.is_asked()
        assert not ann.is_asked()


def test_what_is_being_made_is_waited_for_until_it_ends_with_what_there_is(cancellation):
    with cancellation.watched(ANN) as stop:
        stop.has_sound = True
        waiting = threading.Thread(target=cancellation.wait, args=[ANN])
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
    waiting.join(5)
    assert not waiting.is_alive()


def test_what_hangs_before_there_is_sound_is_given_up_without_a_toast(cancellation):
    with cancellation.watched(ANN), pytest.raises(gr.Error) as error:
        cancellation.wait(ANN)
    assert not error.value.visible


def test_a_stop_after_the_end_does_nothing(cancellation):
    with cancellation.watched(ANN):
        pass
    cancellation.ask(ANN)
    cancellation.wait(ANN)
    with cancellation.watched(ANN) as following:
        assert not following.is_asked()
