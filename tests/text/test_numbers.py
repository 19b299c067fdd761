from voxcpm_space.text import parse_dialogue, parse_script
from voxcpm_space.text.numbers import spell_out

LEFT = "some numbers or signs left as they are written"


def reading(text):
    (segment,) = parse_script(text, normalize=True).segments
    return segment.reading


def test_what_is_shown_stays_as_it_is_written_and_what_is_spoken_does_not():
    (segment,) = parse_script("I have 42 cats.", normalize=True).segments
    assert segment.text == "I have 42 cats."
    assert segment.spoken == "I have forty two cats."
    (segment,) = parse_script("I have 42 cats.").segments
    assert segment.spoken == "I have 42 cats."


def test_no_sentence_gets_lost():
    text = "Good morning to all of you. Go to example.com. Then come back here."
    assert reading(text) == text.replace("example.com", "example dot com")


def test_words_that_need_no_reading_stay_as_they_are_typed():
    for text in (
        'No. He said "hi".',
        "Apples, pears, etc.",
        "I came.Then he left.",
        "and/or, w/o",
        "~/a * b",
    ):
        assert spell_out([text]).text == text


def test_a_sign_that_nobody_can_read_is_left_and_the_rest_of_its_sentence_is_read():
    script = parse_script("The set {6} and [5 of them] cost $42.", normalize=True)
    assert script.segments[0].spoken == "The set {six} and [5 of them] cost forty two dollars."
    assert script.notes == (LEFT,)


def test_what_is_read_as_a_whole_has_no_note():
    assert parse_script("I have 42 cats, 你有3只。", normalize=True).notes == ()


def test_a_text_in_letters_that_wetext_does_not_know_is_left_with_a_note():
    for text in ("У меня 42 кошки.", "고양이 3마리.", "मेरे पास 3 बिल्लियाँ हैं।"):
        script = parse_script(text, normalize=True)
        assert script.segments[0].spoken == text
        assert script.notes == (LEFT,)
    assert parse_script("У меня нет кошки.", normalize=True).notes == ()


def test_numbers_alone_are_read_as_the_text_around_them_is():
    assert spell_out(["我有。", "42。"]).text == "我有。四十二。"
    assert spell_out(["I have.", "42."]).text == "I have. forty two."


def test_japanese_is_read_as_japanese():
    assert reading("今日は2025年9月28日です。") == "今日は二千二十五年九月二十八日です。"


def test_in_a_dialogue_everyone_is_read():
    script = parse_dialogue("Ann: I have 2 cats.\nBob: 我有2只猫。", normalize=True)
    assert [segment.spoken for segment in script.segments] == ["I have two cats.", "我有两只猫。"]
