import time
from contextlib import suppress

import pytest

from voxcpm_space.errors import InputError
from voxcpm_space.text import parse_dialogue, parse_script, speaker_names, validate_text

MAX_LENGTH = 20_000
TALK = """
Ann: Good morning, Bob. Did you sleep well?
Bob: Not at all.
The neighbours had a party.
ann : Again?
"""


def said(text):
    """Who says what."""
    script = parse_dialogue(validate_text(text, MAX_LENGTH))
    return [(segment.speaker, segment.text) for segment in script.segments]


def pauses(text):
    return [segment.pause for segment in parse_dialogue(text).segments]


def test_each_line_is_said_by_whom_it_names_and_names_are_not_spoken():
    assert said(TALK) == [
        ("Ann", "Good morning, Bob. Did you sleep well?"),
        ("Bob", "Not at all. The neighbours had a party."),
        ("Ann", "Again?"),
    ]
    assert speaker_names(TALK) == ("Ann", "Bob")


def test_what_comes_before_all_names_is_said_by_a_narrator():
    assert said(f"A kitchen, early.\n\n{TALK}")[:2] == [
        ("", "A kitchen, early."),
        ("Ann", "Good morning, Bob. Did you sleep well?"),
    ]
    assert speaker_names(f"A kitchen.{TALK}") == ("", "Ann", "Bob")
    assert speaker_names("Nobody is named here.") == ("",)


@pytest.mark.parametrize(
    ("line", "name", "words"),
    [
        ("Ann: Hello.", "Ann", "Hello."),
        ("  Ann  :Hello.", "Ann", "Hello."),
        ("小明：你好。", "小明", "你好。"),
        ("小明:你好。", "小明", "你好。"),
        ("मीरा: नमस्ते।", "मीरा", "नमस्ते।"),
        ("Mrs. O'Brien-Smith: Hello.", "Mrs. O'Brien-Smith", "Hello."),
        ("Speaker #1: Hello.", "Speaker #1", "Hello."),
        ("Ann & Bob: Hello.", "Ann & Bob", "Hello."),
        ("Ann (whispering): Hello.", "Ann", "Hello."),
        ("**Ann:** Hello.", "Ann", "Hello."),
        ("**Ann**: Hello.", "Ann", "Hello."),
        ("- Ann: Hello.", "Ann", "Hello."),
        ("> Ann: Hello.", "Ann", "Hello."),
        ("Note: 10:30 is fine.", "Note", "10:30 is fine."),
        ("Ann: I say: no.", "Ann", "I say: no."),
        ("Ann:\nHello.", "Ann", "Hello."),
        ("Ann: https://www.example.com/a:b is it.", "Ann", "example.com is it."),
    ],
)
def test_a_name_is_what_a_person_takes_for_one(line, name, words):
    assert said(line) == [(name, words)]


@pytest.mark.parametrize(
    "line",
    [
        "10:30 is fine.",
        "localhost:8080 works.",
        "example.com:443 works.",
        "mailto:ann@example.com is it.",
        "At 10:30 we left.",
        "The score was 2:1.",
        "https://example.com",
        "ftp://example.com/files",
        "C:\\Windows is a folder.",
        "std::vector is a class.",
        "Thanks Ann :)",
        "Well, I said: no.",
        "This is my advice: stay here.",
        "Listen! Everyone: here.",
        "It rained a whole night. Ann: Hello.",
        "“Ann: Hello,” she wrote.",
        "x" * 41 + ": Hello.",
        "他今天早上对大家说了一些话：你好。",
        ": Hello.",
        "3: Hello.",
        "...: Hello.",
    ],
)
def test_what_is_no_name_is_spoken(line):
    assert {speaker for speaker, _ in said(line)} == {""}
    assert said(line) == [
        ("", segment.text) for segment in parse_script(validate_text(line, MAX_LENGTH)).segments
    ]


def test_a_line_that_goes_on_is_joined_and_one_with_a_name_never_is():
    wrapped = (
        "Ann: It was a dark and stormy night, and the rain fell in\n"
        "torrents, and then it stopped, but\n"
        "bob: was it cold"
    )
    assert said(wrapped) == [
        ("Ann", wrapped.removeprefix("Ann: ").partition("\nbob")[0].replace("\n", " ")),
        ("bob", "was it cold"),
    ]


def test_names_are_the_same_whatever_their_case_blanks_and_quotes():
    written = ["O'Brien Jr.", "o’brien  JR.", "**O'Brien Jr.**", "O'Brien\u00a0Jr."]
    assert speaker_names("\n".join(f"{name}: Hello." for name in written)) == ("O'Brien Jr.",)


def test_between_turns_there_is_a_pause_a_little_longer_than_between_sentences():
    sentence, turn, _ = pauses("Ann: " + "The train was late again. " * 20 + "\nBob: Really?")
    assert sentence < turn < 0.8


def test_a_pause_is_made_where_it_is_written_in_a_dialogue_too():
    script = parse_dialogue(
        "[pause 2s]\nAnn: Hello [pause 1s] there.\n[pause 3s]\nBob: Hi.\n[pause 4s] Ann: Bye."
    )
    assert script.lead_silence == 2
    assert [(segment.speaker, segment.text, segment.pause) for segment in script.segments] == [
        ("Ann", "Hello", 1),
        ("Ann", "there.", 3),
        ("Bob", "Hi.", 4),
        ("Ann", "Bye.", 0),
    ]
    assert speaker_names("[pause 2s]\nAnn: Hello.") == ("Ann",)


def test_who_says_nothing_is_named_and_not_heard():
    text = "Ann: Hello.\nBob: ...\nCy:"
    assert speaker_names(text) == ("Ann", "Bob", "Cy")
    assert said(text) == [("Ann", "Hello.")]


@pytest.mark.parametrize("text", ["Ann:", "Ann: ...\nBob: !", "Ann: [pause 1s]"])
def test_names_alone_are_no_dialogue(text):
    with pytest.raises(InputError, match=r"The text (is empty|holds only punctuation)"):
        parse_dialogue(text)


def test_eight_names_can_speak_and_more_are_refused_with_the_reason():
    lines = [f"Speaker {number}: Hello." for number in range(1, 21)]
    assert len(speaker_names("\n".join(lines[:8]))) == 8
    with pytest.raises(InputError) as refusal:
        parse_dialogue("\n".join(lines))
    assert str(refusal.value).startswith("The dialogue has 20 names (Speaker 1, Speaker 2, ")
    assert "at most 8 are allowed" in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_too_many_pauses_are_counted_over_all_turns():
    with pytest.raises(InputError, match="has 102 pauses"):
        parse_dialogue("Ann: a[pause 1s]b[pause 1s]c\nBob: d[pause 1s]\n" * 34)


def test_a_text_without_a_dialogue_keeps_its_colons():
    assert [segment.text for segment in parse_script("Ann: Hello.\nBob: Hi.").segments] == [
        "Ann: Hello. Bob: Hi."
    ]


@pytest.mark.parametrize(
    "unit",
    [
        *["A: b\n", "a:\n", ":\n", ": ", ":", "a: ", "：", "A (b): c\n", "(", "A (", "[pause 1s]"],
        *["[pause 1s] A: b\n", "[pause ", "\t", "\t:", "**A:** b\n", "| A: b |\n", "a b ", "字："],
        *["Ann: The train was late again.\nBob: We have to wait here for a while.\n", "a. ", "A. "],
    ],
)
def test_whatever_20_000_characters_are_they_are_read_within_a_second(unit):
    text = (unit * MAX_LENGTH)[: MAX_LENGTH - 2] + " x"
    parse_dialogue("Ann: Warm up.")
    started = time.process_time()
    with suppress(InputError):
        said(text)
    assert time.process_time() - started < 1
