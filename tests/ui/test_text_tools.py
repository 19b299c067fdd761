import pytest

from voxcpm_space.text import parse_dialogue, parse_script
from voxcpm_space.ui.fields import _length
from voxcpm_space.ui.voices import SAMPLE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        (SAMPLE, ""),
        ("A", "1 character, about 1 s"),
        ("?!", "2 characters"),
        ("Hello there. " * 10, "129 characters, about 9 s"),
        ("Hello there. [pause 5s] Bye.", "28 characters, about 7 s"),
        ("Hello there. " * 1000, "12,999 characters, about 14 min 30 s"),
        ("x" * 20_001, "20,001 characters; at most 20,000 are allowed"),
    ],
)
def test_a_text_s_length_is_told_in_characters_and_as_time(text, said):
    assert _length(text, parse_script, 20_000) == said


def test_names_in_a_dialogue_take_no_time():
    alone = _length("Good morning.", parse_dialogue, 20_000)
    named = _length("Ann: Good morning.", parse_dialogue, 20_000)
    assert alone.partition(", ")[2] == named.partition(", ")[2]
