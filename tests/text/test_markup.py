import time

import pytest

from voxcpm_space.errors import InputError
from voxcpm_space.text import parse_dialogue, parse_script, validate_text
from voxcpm_space.text.preprocess import preprocess

TAGS = "HTML or SSML tags removed"
ENTITIES = "HTML entities decoded"
BRACKETS = "angle brackets removed"
DIGITS = "digits in circles and the like made plain"
EMOJI = "emoji removed"


@pytest.mark.parametrize(
    ("text", "spoken", "notes"),
    [
        ("a <b>bold</b> word", "a bold word", [TAGS]),
        ('<p class="x">One.</p><p>Two.</p>', "One.\n\nTwo.", [TAGS]),
        ("One.<br/>Two.<BR>Three.", "One.\nTwo.\nThree.", [TAGS]),
        ("<ul><li>apples</li><li>pears</li></ul>", "apples\n\npears", [TAGS]),
        ('<a href="https://example.com/a?b=c">here</a>', "here", [TAGS]),
        ('<img src="a.png" alt="a cat"/> A cat.', "A cat.", [TAGS]),
        ("<!-- no --><script>var a = 1 < 2;</script>Yes.", "Yes.", [TAGS]),
        ("H<sub>2</sub>O and x<sup>2</sup>", "H2O and x²", [TAGS]),
        (
            '<?xml version="1.0"?><speak><prosody rate="slow">Slow.</prosody></speak>',
            "Slow.",
            [TAGS],
        ),
        ('<sub alias="World Wide Web">WWW</sub> it is', "World Wide Web it is", [TAGS]),
        ('<say-as interpret-as="date">5 May</say-as>', "5 May", [TAGS]),
        ('<mstts:express-as style="sad">Oh.</mstts:express-as>', "Oh.", [TAGS]),
        ("<happy>Good news!</happy>", "Good news!", [TAGS]),
        ("fish &amp; chips &#38; peas", "fish & chips & peas", [ENTITIES]),
        ("AT&T &copies; R&D", "AT&T &copies; R&D", []),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold", [ENTITIES, TAGS]),
        ("<Hello>", "Hello", [BRACKETS]),
        ("Dear <your name>, hello", "Dear your name, hello", [BRACKETS]),
        ("a List<String> here", "a List String here", [BRACKETS]),
        ("I <3 you, 1 < 2 and 3 > 2, a <- b", "I <3 you, 1 < 2 and 3 > 2, a <- b", []),
        ("if x<y and y>z", "if x<y and y>z", []),
        ("<s>One.</s><s>Two.</s>", "One.  Two.", [TAGS]),
        ("① First, ②second", "1 First, 2 second", [DIGITS]),
        ("H₂O at ２５ degrees, Ⅳ", "H2O at 25 degrees, IV", [DIGITS]),
        ("Press 5️⃣ now", "Press 5 now", [DIGITS]),
        ("mc² and x³", "mc² and x³", []),
        ("Hello 👋🏽 world 🎉!", "Hello world!", [EMOJI]),
        ("I ❤️ it 👨‍👩‍👧", "I it", [EMOJI]),
        ("Hi👋there 🇫🇷", "Hi there", [EMOJI]),
        ("© 2024 Acme™ → 5★", "© 2024 Acme™ → 5", [EMOJI]),
    ],
)
def test_what_is_no_text_falls_away_with_a_note(text, spoken, notes):
    changed, told = preprocess(text)
    assert changed == spoken
    assert [note for note in told if "invisible" not in note] == notes


@pytest.mark.parametrize(
    ("tag", "seconds"),
    [
        ('<break time="1s"/>', 1),
        ("<break time='500ms' />", 0.5),
        ('<break strength="strong"/>', 1),
        ("<break/>", 0.75),
        ('<break time="20s"></break>', 10),
    ],
)
def test_a_break_of_ssml_is_a_pause(tag, seconds):
    script = parse_script(f"Hello {tag} world, <b>bold</b> &amp; more.")
    assert [(segment.text, segment.pause) for segment in script.segments] == [
        ("Hello", seconds),
        ("world, bold & more.", 0),
    ]


def test_a_break_of_no_time_is_none():
    for tag in ('<break time="0s"/>', '<break strength="none"/>'):
        assert [segment.text for segment in parse_script(f"Hello {tag} world.").segments] == [
            "Hello world."
        ]


@pytest.mark.parametrize(
    "text", ["<br>", "<!-- words -->", "&nbsp;", '<img src="a.png"/> 👋', "<p></p>"]
)
def test_emptiness_is_checked_after_the_tags_are_gone(text):
    with pytest.raises(InputError, match=r"The text (is empty|holds only)"):
        parse_script(validate_text(text, 100))


def test_names_in_a_dialogue_may_stand_in_tags():
    script = parse_dialogue("<b>Ann:</b> Hello.<br>Bob: Hi.")
    assert [(segment.speaker, segment.text) for segment in script.segments] == [
        ("Ann", "Hello."),
        ("Bob", "Hi."),
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<a ",
        "<a b=c ",
        "<!--",
        "<script>",
        "<sub alias=",
        "&",
        "&amp;",
        "👋 ",
        "①",
        "</",
        "<x>",
        "(a ",
    ],
)
def test_whatever_20_000_characters_are_they_are_read_within_a_second(unit):
    text = (unit * 20_000)[:19_998] + " x"
    parse_script("Warm up.")
    started = time.process_time()
    parse_script(text)
    assert time.process_time() - started < 1
