import time

import gradio as gr
import pytest

from voxcpm_space.errors import BusyError, InputError, SpaceError, status_of
from voxcpm_space.text import validate_line
from voxcpm_space.ui.answers import answered_on_page
from voxcpm_space.ui.words import said

HOSTILE = "<img src=x onerror=alert(1)>"


def answered(error):
    with pytest.raises(gr.Error) as answer, answered_on_page():
        raise error
    return answer.value.message


def test_an_error_is_told_in_both_languages_with_its_numbers():
    with pytest.raises(gr.Error) as answer, answered_on_page():
        validate_line("x" * 1_234, "text", 1_000)
    english, chinese = answer.value.message.split("<span lang='zh'>")
    assert "The text has 1,234 characters; at most 1,000 are allowed." in english
    assert "文字有 1,234 个字符，最多允许 1,000 个。" in chinese


def test_a_part_of_a_sentence_is_translated_too():
    message = answered(BusyError("Too many requests: 60 per 1 minute are allowed.", 7))
    assert "请求过多：最多允许每分钟 60 次。请在 7 秒后重试。" in message


@pytest.mark.parametrize(
    "sentence",
    [
        f"Line 3 of the file is not CSV that can be read: {HOSTILE}.",
        f"The file has a column {HOSTILE} that is unknown, or there twice. There can be: text.",
        f"{HOSTILE} Please try again in 3 s.",
        f"Nobody has translated {HOSTILE}.",
        HOSTILE * 1_000,
    ],
)
def test_what_a_stranger_wrote_arrives_as_text(sentence):
    assert "<img" not in answered(InputError(sentence))
    assert "&lt;img src=x onerror=alert(1)&gt;" in answered(InputError(sentence))


def test_who_counts_requests_still_sees_what_it_was():
    with pytest.raises(gr.Error) as answer, answered_on_page():
        raise BusyError("Too many.", 1)
    assert status_of(answer.value) == 429


def test_a_fault_of_ours_is_told_without_internals():
    message = answered(KeyError("secret"))
    assert "服务器出现了问题" in message
    assert "secret" not in message


def test_of_two_sentences_that_begin_alike_the_right_one_is_translated():
    sentence = "The clip was used with its noise. It could not be removed from this one."
    assert "使用了未去除噪声的音频：无法去除其中的噪声。" in said(sentence)
    sentence = (
        "The clip was used with its noise. The model that removes noise cannot be loaded here."
    )
    assert "使用了未去除噪声的音频。去除噪声的模型无法在此加载。" in said(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        " Please try again in 3 s." * 50_000,
        "The clip was used with its noise. " * 50_000,
        "The dialogue has " + " names (" * 120 + "; at most " * 90,
        "x" * 1_000_000,
    ],
)
def test_a_hostile_sentence_is_looked_at_quickly(sentence):
    started = time.process_time()
    assert said(sentence)
    assert time.process_time() - started < 0.5


def test_only_the_page_says_it_in_html():
    with pytest.raises(SpaceError, match=r"^The style has 400 characters; at most 300"):
        validate_line("x" * 400, "style", 300)
