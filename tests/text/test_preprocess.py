import pytest

from voxcpm_space.text.preprocess import preprocess

BOM, SOFT_HYPHEN, ZERO_WIDTH, RIGHT_TO_LEFT = "\ufeff", "\u00ad", "\u200b", "\u200f"


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4 is 24, and 2*3*4, too.",
        "snake_case_name and __init__ and _private",
        "C# and F# and #hashtag",
        "5 > 3 and a < b | c",
        "He [sic] left (really).",
        "I -- well -- we -- left ...",
        "-5 degrees at 10:30, 3/4 of $5.00, 50% & more @home ~10",
        "1. First, 2) second.",
        "It's ~/path/to or C:\\new\\file, you know?",
        "我们说“你好”，然后走了。",
        "می‌خواهم",
        "क्‍ष",
        "a*b(c)*d",
        "Name: text",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert preprocess(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "spoken", "note"),
    [
        (f"{BOM}un{SOFT_HYPHEN}seen{ZERO_WIDTH} marks{RIGHT_TO_LEFT}", "unseen marks", "invisible"),
        ("ten\u00a0000\u202fkm", "ten 000 km", "unusual spaces"),
        ("“Don’t,” he said, ‘now’.", "\"Don't,\" he said, 'now'.", "typographic quotes"),
        ("see https://www.example.com/a/b?c=d#e.", "see example.com.", "web addresses"),
        ("(www.example.com)", "(example.com)", "web addresses"),
        ("<http://localhost:7860/x>, or", "localhost, or", "web addresses"),
        ("请看https://example.com/你好。", "请看example.com你好。", "web addresses"),
        ("# Title #\nText", "Title\n\nText", "Markdown"),
        ("## About C#", "About C#", "Markdown"),
        ("a **bold** and *slanted* ***both*** word", "a bold and slanted both word", "Markdown"),
        ("**a *b* c** 你好**重点**内容", "a b c 你好重点内容", "Markdown"),
        ("a _slanted_ and __very bold__ word", "a slanted and very bold word", "Markdown"),
        ("~~old~~ `code` \\*star\\*", "old code *star*", "Markdown"),
        ('[the docs](https://a.example/x_(y) "title") here', "the docs here", "Markdown"),
        ("![a cat](cat.png) sits[^1]", "a cat sits", "Markdown"),
        ("Buy:\n- [ ] apples\n* [x] pears\n+ plums", "Buy:\napples\npears\nplums", "Markdown"),
        ("> quoted\n> > twice", "quoted\ntwice", "Markdown"),
        ("Run:\n```sh\nls\n```", "Run:\nls", "Markdown"),
        ("One.\n***\nTwo.", "One.\n\nTwo.", "Markdown"),
        ("Title\n=====\nText", "Title\n\nText", "Markdown"),
        ("| a | b |\n|:--|--:|\n| 1 | 2 |", "a, b\n1, 2", "Markdown"),
    ],
)
def test_what_would_be_read_out_wrongly_is_changed_with_a_note(text, spoken, note):
    changed, notes = preprocess(text)
    assert changed == spoken
    assert len(notes) == 1
    assert notes[0].startswith(note)


def test_every_change_has_its_own_note_that_a_header_can_hold():
    _, notes = preprocess(f"# “Title”{BOM}\nsee\u00a0https://example.com")
    assert len(notes) == 5
    "; ".join(notes).encode("ascii")
