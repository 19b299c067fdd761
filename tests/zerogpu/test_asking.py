import pytest
from gradio_client.exceptions import AppError

from tests.zerogpu.device_api import NO_GPU, NO_QUOTA, QUEUE_FAILED
from tests.zerogpu.space import LONG, visitor_token


def seconds_asked_for(space, ask, **fields):
    space.api.refuse_next(NO_GPU)  # to know what is asked for, nothing has to be made
    assert ask(**fields).status_code == 503
    return int(space.api.asked[-1]["durationSeconds"])


def test_gpu_time_is_asked_for_by_text_steps_and_clip(space):
    def seconds(ask=space.speak, **fields):
        return seconds_asked_for(space, ask, **{"dit_steps": 10, "text": LONG, **fields})

    short, usual, many_steps = seconds(text="Hi."), seconds(), seconds(dit_steps=50)
    # A clip that is encoded already asks for no more than the text: this one is used here alone.
    with_clip = seconds(space.clone, reference_audio_url="russian-male-nsh")
    assert 1 <= short < usual < many_steps <= 120
    assert usual < with_clip <= 120


def test_a_long_text_asks_for_each_of_its_chunks_alone(space):
    assert space.speak(text=LONG, seed=1, dit_steps=10).status_code == 200
    asked = [int(one["durationSeconds"]) for one in space.api.asked]
    again = space.server.log.count("A segment is generated again")
    assert 4 <= len(asked) <= 4 + again  # of four chunks; the log may tell of other tests, too
    assert max(asked) < 30
    assert space.api.released == [False] * len(asked)


def test_a_gpu_that_is_refused_in_the_middle_of_a_text_is_answered_and_leaves_no_file(space):
    before = space.server.made_files()
    space.api.refuse_next(NO_QUOTA, after=1)
    answer = space.speak(text=LONG, seed=1, dit_steps=10)
    assert answer.status_code == 429
    assert len(space.api.asked) == 2
    assert space.server.made_files() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "x" * 20_001},
        {"dit_steps": 0},
        {"seed": -1},
        {"reference_audio_url": "/etc/passwd"},
        {"prompt_text": "Yes.", "style": "sad"},
        {"prompt_text": "字" * 500, "text": "字" * 500},
    ],
)
def test_what_cannot_be_done_is_refused_before_a_gpu_is_asked_for(space, wrong):
    assert space.clone(**wrong).status_code == 400
    with pytest.raises(AppError):
        space.predict("/voice-cloning", **wrong)
    assert space.api.asked == []


REFUSALS = [
    (NO_GPU, 503, "ZeroGPU has no GPU free now. Please try again"),
    (QUEUE_FAILED, 503, "ZeroGPU has no GPU free now. Please try again"),
    (NO_QUOTA, 429, "Please try again later or with a shorter text"),
]


@pytest.mark.parametrize(("refusal", "status", "sentence"), REFUSALS)
def test_a_refused_gpu_is_answered_with_what_to_do(space, refusal, status, sentence):
    ada = visitor_token("ada")
    space.api.refuse_next(refusal)
    answer = space.speak(ada)
    assert answer.status_code == answer.json()["statusCode"] == status
    assert sentence in answer.json()["message"]
    space.api.refuse_next(refusal)
    answer = space.say(ada)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]["message"]
    for endpoint in ("/text-to-speech", "/voice-cloning"):
        space.api.refuse_next(refusal)
        with pytest.raises(AppError) as error:
            space.predict(endpoint, ada)
        assert sentence in str(error.value)
    assert space.speak(ada).status_code == 200


def test_a_used_up_quota_is_answered_with_zerogpu_s_numbers(space):
    space.api.refuse_next(NO_QUOTA)
    message = space.speak(visitor_token("ada")).json()["message"]
    assert "(5s requested vs. 3s left). Try again in 1:00:00." in message
