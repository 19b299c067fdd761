import gradio as gr

from voxcpm_space.api.http import failure
from voxcpm_space.errors import InputError, NotReadyError


def test_a_refusal_is_answered_with_its_status_and_sentence():
    assert failure(InputError("Too long."), "1") == (400, "Too long.")
    assert failure(NotReadyError("Still loading."), "1") == (503, "Still loading.")


def test_a_gpu_that_zerogpu_refuses_is_answered_in_its_words():
    refusal = gr.Error("You have exceeded your GPU quota.")
    assert failure(refusal, "1") == (503, "You have exceeded your GPU quota.")


def test_a_fault_of_ours_is_answered_by_the_request_id_alone(caplog):
    status, message = failure(KeyError("secret"), "abc")
    assert (status, "abc" in message, "secret" in message) == (500, True, False)
    assert caplog.records[0].exc_info[0] is KeyError
