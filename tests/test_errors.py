import gradio as gr
import pytest

from voxcpm_space.errors import InputError, answered_by_gradio


def test_a_sentence_for_people_reaches_them_without_filling_the_log(caplog):
    with pytest.raises(gr.Error) as answer, answered_by_gradio():
        raise InputError("The text is empty.")
    assert answer.value.message == "The text is empty."
    assert not answer.value.print_exception
    assert caplog.records == []


def test_a_fault_of_ours_is_logged_with_traceback_and_answered_without_internals(caplog):
    with pytest.raises(gr.Error) as answer, answered_by_gradio():
        raise RuntimeError("secret path /root/x")
    assert "on our side" in answer.value.message
    assert "secret" not in answer.value.message
    assert caplog.records[0].exc_info[0] is RuntimeError


def test_gradio_s_own_errors_pass_as_they_are():
    quota = gr.Error("Your GPU quota is used up.")
    with pytest.raises(gr.Error) as answer, answered_by_gradio():
        raise quota
    assert answer.value is quota
