import time

import pytest

from voxcpm_space.ui.templates import Template

NAMES = "It has {count} names ({names}); at most {most} are allowed."


@pytest.mark.parametrize(
    ("template", "sentence", "values"),
    [
        ("It is empty.", "It is empty.", {}),
        ("It is empty.", "It is empty. Really.", None),
        (NAMES, "It has 3 names (A, B, C); at most 2 are allowed.",
         {"count": "3", "names": "A, B, C", "most": "2"}),
        (NAMES, "It has 3 names (A, B, C).", None),
        ("{what} Please wait {seconds} s.", "Too many. Please wait 5 s.",
         {"what": "Too many.", "seconds": "5"}),
        ("The {name} is odd.", "The  is odd.", None),
        ("{a} of {b}.", " of 2.", None),
        ("{a} of {b} of {c} of 3.", "1 of 2 of 3.", None),
        ("It says: {why}", "It says: 3 s left.", {"why": "3 s left."}),
        ("{a} of {b}.", "1 of 2 of 3.", {"a": "1", "b": "2 of 3"}),
    ],
)  # fmt: skip
def test_the_values_of_a_sentence_are_found(template, sentence, values):
    assert Template.of(template).values(sentence) == values


def test_values_may_hold_what_the_template_says_or_braces_or_line_ends():
    sentence = "It has {x} names (\n ({names}) names (); at most ); at most 2 are allowed."
    values = Template.of(NAMES).values(sentence)
    assert NAMES.format(**values) == sentence


def test_a_hostile_sentence_takes_no_longer_than_it_is_long():
    template = Template.of("{a} of {b} of {c} of {d} of {e}!")
    started = time.process_time()
    assert template.values(" of " * 100_000) is None
    assert time.process_time() - started < 1
