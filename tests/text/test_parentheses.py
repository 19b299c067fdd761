import pytest

from voxcpm_space.text import parse_dialogue, parse_script, with_description


def given_to_the_model(script):
    return [with_description("", segment.spoken) for segment in script.segments]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("(555) 123-4567 is my number.", "555, 123-4567 is my number."),
        ("(Really) I mean it.", "Really, I mean it."),
        ("(He left.) Then she came.", "He left. Then she came."),
        ("(a (b) c) d", "a (b) c, d"),
        ("((twice)) now", "twice, now"),
        ("(Un)fortunately not.", "Unfortunately not."),
        ("(Wait), he said.", "Wait, he said."),
        ("(never closed", "never closed"),
        ("(all of it)", "all of it"),
        ("() Hello.", "Hello."),
        ('"(Really) yes," he said.', '"Really, yes," he said.'),
        ('"(Really)" is a word.', '"Really" is a word.'),
        ("（注意）请坐。", "注意，请坐。"),
        ("（你好。）再见。", "你好。再见。"),
        ("**(Hello)** there.", "Hello, there."),
        ("*(whispering)* Hello there.", "whispering, Hello there."),
        ("- (555) 123 is it.", "555, 123 is it."),
        ("He left (really).", "He left (really)."),
    ],
)
def test_what_stands_in_parentheses_at_the_start_is_spoken_and_no_style(text, spoken):
    assert given_to_the_model(parse_script(text)) == [spoken]


def test_no_line_paragraph_or_later_segment_begins_with_a_parenthesis():
    sentence = "(Later) the train went on through the night and the rain. "
    for between in ("", "\n", "\n\n", "[pause 1s]"):
        made = given_to_the_model(parse_script((sentence + between) * 20))
        assert len(made) > 3
        assert not [text for text in made if text.startswith(("(", "（"))]
        assert sum(text.count("Later") for text in made) == 20


def test_after_a_name_and_after_a_pause_it_is_spoken_too():
    script = parse_dialogue("Ann: (Really) yes.\nBob: [pause 1s] （当然）是的。")
    assert given_to_the_model(script) == ["Really, yes.", "当然，是的。"]


def test_only_what_was_given_as_a_style_is_one():
    assert with_description("sad", "(555) 123") == "(sad)555, 123"


def test_subtitles_show_it_as_it_was_written():
    (segment,) = parse_script("(555) 123-4567 is my number.").segments
    assert segment.sentences == ("(555) 123-4567 is my number.",)
