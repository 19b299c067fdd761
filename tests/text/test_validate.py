import pytest

from voxcpm_space.errors import InputError
from voxcpm_space.text import (
    estimate_seconds,
    validate_description,
    validate_line,
    validate_text,
    with_description,
)


def test_in_a_transcript_blanks_and_line_ends_become_single_blanks():
    assert (
        validate_line("  Hello,\n\n\tyou  \ufeffthere. ", "transcript", 100) == "Hello, you there."
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028"])
def test_every_kind_of_line_end_in_a_text_is_a_newline(end):
    assert validate_text(f" One.{end}Two.{end} ", 100) == "One.\nTwo."


@pytest.mark.parametrize("text", ["42", "你好", "नमस्ते", "สวัสดี", "Hi 👋"])
def test_whatever_holds_a_letter_or_digit_can_be_spoken(text):
    assert validate_text(text, 100) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        (" \n\t", "is empty"),
        ("x" * 101, "has 101 characters; at most 100"),
        ("beep \x07", "control character U+0007 at position 6"),
        ("half \ud83d of it", "lone surrogate"),
        ("?!…", "only punctuation"),
        ("😀 🎉", "only symbols or emoji"),
    ],
)
def test_what_cannot_be_spoken_is_refused_with_the_reason(text, complaint):
    with pytest.raises(InputError) as refusal:
        validate_text(text, 100)
    assert complaint in str(refusal.value)
    str(refusal.value).encode()  # the sentence itself can be sent


def test_a_description_cannot_end_its_parentheses_early():
    description = validate_description("old (very) man\N{FULLWIDTH RIGHT PARENTHESIS}", "style")
    assert with_description(description, "Hello.") == "(old very man)Hello."


def test_without_a_description_the_text_stays_as_it_is():
    assert with_description(validate_description(" () ", "style"), "Hello.") == "Hello."


def test_the_estimate_is_near_what_people_take():
    assert 2 < estimate_seconds("The train was late again, so we had to wait.") < 5
    assert 1.5 < estimate_seconds("今天天气很好我们去公园") < 4
    assert 1.5 < estimate_seconds("0 1 2 3 4 5 6 7") < 5
