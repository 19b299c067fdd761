import gradio as gr
import pytest

from voxcpm_space.errors import BusyError, InputError, SpaceError, status_of
from voxcpm_space.messages import N_
from voxcpm_space.text import validate_line
from voxcpm_space.ui.words import answered_on_page, html

HOSTILE = "<img src=x onerror=alert(1)>"


def answered(error, language="zh"):
    with pytest.raises(gr.Error) as answer, answered_on_page(language):
        raise error
    return answer.value.message


def too_long():
    with pytest.raises(InputError) as refusal:
        validate_line("x" * 1_234, N_("text"), 1_000)
    return refusal.value


def test_an_error_is_told_in_the_language_asked_for_alone_with_its_numbers():
    english, chinese = answered(too_long(), "en"), answered(too_long(), "zh")
    assert english.startswith("The text has 1,234 characters; at most 1,000 are allowed. ")
    assert chinese == "文字有 1,234 个字符，最多允许 1,000 个。请缩短，或分次提交。"


def test_a_part_of_a_sentence_is_translated_too():
    limit = N_("{count} per 1 minute", count=60)
    error = BusyError(N_("Too many requests: {limit} are allowed.", limit=limit), 7)
    assert answered(error) == "请求过多：最多允许每分钟 60 次。请在 7 秒后重试。"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "sentence",
    [
        N_("Line {number} of the file is not CSV that can be read: {why}.", number=3, why=HOSTILE),
        N_(
            "The file has a column {name} that is unknown, or there twice. "
            "There can be: {columns}.",
            name=repr(HOSTILE),
            columns="text",
        ),
        N_("{what} Please try again in {seconds} s.", what=HOSTILE, seconds=3),
        f"Nobody has translated {HOSTILE}.",
        HOSTILE * 1_000,
    ],
)
def test_what_a_stranger_wrote_arrives_as_text(sentence, language):
    assert "<img" not in answered(InputError(sentence), language)
    assert "&lt;img src=x onerror=alert(1)&gt;" in answered(InputError(sentence), language)


def test_who_counts_requests_still_sees_what_it_was():
    with pytest.raises(gr.Error) as answer, answered_on_page("en"):
        raise BusyError(N_("Too many clips are being decoded now."), 1)
    assert status_of(answer.value) == 429


def test_a_fault_of_ours_is_told_without_internals():
    message = answered(KeyError("secret"))
    assert "服务器出现了问题" in message
    assert "secret" not in message


def test_of_two_sentences_that_begin_alike_the_right_one_is_translated():
    alone = N_("The clip was used with its noise. It could not be removed from this one.")
    assert html(alone, "zh") == "使用了未去除噪声的音频：无法去除其中的噪声。"
    missing = N_("{model} cannot be loaded here.", model=N_("The model that removes noise"))
    why = N_("The clip was used with its noise. {why}", why=missing)
    assert html(why, "zh") == "使用了未去除噪声的音频。去除噪声的模型无法在此加载。"


def test_only_the_page_says_it_in_html():
    with pytest.raises(SpaceError, match=r"^The style has 400 characters; at most 300"):
        validate_line("x" * 400, N_("style"), 300)
