import time

import pytest

from voxcpm_space.errors import InputError
from voxcpm_space.text import estimate_seconds, parse_dialogue, parse_script, validate_text
from voxcpm_space.text.sentence_split import split_sentences

STEADY_SECONDS = 20
MAX_LENGTH = 20_000


def segments(text):
    return parse_script(validate_text(text, MAX_LENGTH)).segments


def spoken(text):
    return [segment.text for segment in segments(text)]


def pauses(text):
    return [segment.pause for segment in segments(text)]


PROSE = {
    "English": "The train was late again. We have to wait here, for a while! Is that so? ",
    "Chinese": "今天天气很好。我们去公园散步，然后去图书馆看书！你觉得怎么样？",
    "Japanese": "今日は天気がいいですね。公園を散歩しましょう！どう思いますか？",
    "Arabic": "وصل القطار متأخرا مرة أخرى. علينا أن ننتظر هنا قليلا، كما ترى! أليس كذلك؟ ",
    "Hindi": "आज मौसम बहुत अच्छा है। हम पार्क में घूमने जाएँगे, फिर किताब पढ़ेंगे! ठीक है? ",
    "Thai": "วันนี้อากาศดีมาก เราไปเดินเล่นที่สวนสาธารณะ แล้วไปอ่านหนังสือกัน ",
}


@pytest.mark.parametrize("language", PROSE)
def test_long_prose_becomes_chunks_that_are_steady_and_end_with_a_sentence(language):
    text = PROSE[language] * 20
    made = segments(text)
    assert "".join(segment.text for segment in made).replace(" ", "") == text.replace(" ", "")
    assert len(made) > 2
    for segment in made:
        assert 8 < estimate_seconds(segment.text) < STEADY_SECONDS
        assert segment.text.endswith(
            (".", "!", "?", "。", "！", "？", "؟", "।", "กัน", "สวนสาธารณะ")
        )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Dr. Smith paid 3.50 dollars, i.e. a lot. He left.", "Dr. Smith paid 3.50 dollars, i.e."),
        ("Er kam am 3. Mai bzw. Anna kam. Er ging.", "Er kam am 3. Mai bzw. Anna kam. "),
        ("M. Dupont est là. Il part.", "M. Dupont est là. "),
        ("El Sr. López llegó. Se fue.", "El Sr. López llegó. "),
        ("Wait... what? Yes.", "Wait... what? "),
        ("Wait…what? Yes.", "Wait…what? "),
        ('"Go. Now!" she said. He left.', '"Go. Now!" she said. '),
        ("U.S. policy changed. Why?", "U.S. policy changed. "),
        ("価格は3.5円です。本当？", "価格は3.5円です。"),
        ("डॉ. शर्मा यहाँ हैं। नमस्ते।", "डॉ. शर्मा यहाँ हैं। "),
        ("د. أحمد هنا. كيف حالك؟", "د. أحمد هنا. "),
    ],
)
def test_a_sentence_ends_where_a_reader_sees_its_end(text, first):
    found = split_sentences(text)
    assert "".join(found) == text
    assert found[0].startswith(first)


@pytest.mark.parametrize(
    "together",
    [
        "Jan. 5, 2024",
        "December 25, 2024",
        "1. Corinthians",
        "No. 5",
        "pp. 10",
        "3. Mai",
        "5 May 2024",
    ],
)
def test_what_belongs_together_is_in_one_segment_wherever_the_borders_are(together):
    for before in range(40, 60):
        text = f"{'and they wrote ' * before}on {together} about {'and they wrote ' * 40}."
        assert sum(together in segment for segment in spoken(text)) == 1
    for before in range(12):
        sentences = (
            f"{'They wrote. ' * 20}{'They ' + 'all ' * before}read {together} there. It rained. "
        )
        assert sum(segment.count(together) for segment in spoken(sentences * 3)) == 3


def test_a_sentence_that_ends_with_a_year_ends_there():
    assert split_sentences("It was 2024. Then we left.") == ["It was 2024. ", "Then we left."]


def test_a_text_of_300_characters_stays_one_segment():
    text = "The train was late again. We have to wait here for a while. " * 5
    assert len(text) == 300
    assert spoken(text) == [text.strip()]


def test_chunks_are_even_so_that_none_is_a_mere_rest():
    seconds = [segment.seconds for segment in segments("The train was late once again. " * 11)]
    assert len(seconds) == 2
    assert max(seconds) < 1.5 * min(seconds)


def test_a_sentence_that_is_too_long_is_cut_at_its_clauses():
    clause = "then the train went on through the night and the rain"
    made = segments(", ".join([clause] * 13) + ".")
    assert {segment.text for segment in made[:-1]} <= {
        ", ".join([clause] * n) + "," for n in (4, 5, 6)
    }
    assert made[0].pause < pauses("The train was late again. " * 24)[0]


def test_without_any_punctuation_it_is_cut_between_words():
    text = "the train was late and we had to wait " * 30
    made = spoken(text)
    assert len(made) > 3
    assert " ".join(made).split() == text.split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("今天天气很好我们去公园", {"今天", "天气", "我们", "公园"}),
        ("今日は天気がいいと思います", {"今日は", "天気が", "思います"}),
        ("วันนี้อากาศดีเราไปเที่ยวสวนสาธารณะ", {"อากาศ", "เที่ยว", "สาธารณะ"}),
    ],
)
def test_where_words_have_no_blanks_between_them_no_word_is_cut_either(text, words):
    repeated = text * 30
    made = spoken(repeated)
    assert len(made) > 1
    assert "".join(made) == repeated
    for word in words:
        assert sum(segment.count(word) for segment in made) == repeated.count(word)


def test_letters_keep_their_accents_where_there_are_no_words_at_all():
    made = spoken("e\N{COMBINING DIAERESIS}\N{COMBINING ACUTE ACCENT}x" * 1000)
    assert len(made) > 5
    assert not any(segment.startswith("\N{COMBINING ACUTE ACCENT}") for segment in made)


def test_a_paragraph_is_followed_by_a_longer_pause_than_a_sentence():
    paragraph = "The train was late again. " * 20
    within, between, last = pauses(f"{paragraph}\n\n\n{'We have to wait here. ' * 10}")
    assert 0.2 < within < between < 1.5
    assert last == 0
    assert pauses(f"{paragraph}\n{'We have to wait here. ' * 10}") == [within, between, last]


def test_lines_that_a_program_wrapped_are_one_paragraph():
    wrapped = (
        "It was a dark and stormy night, and the rain fell in\n"
        "torrents, except at occasional intervals. He looked for\n"
        "Mary everywhere."
    )
    assert spoken(wrapped) == [wrapped.replace("\n", " ")]
    chinese = "今天天气很好我们去公园散步然后去图书馆看书再去吃饭\n然后回家。"
    assert spoken(chinese) == [chinese.replace("\n", "")]


def test_short_lines_are_spoken_together_with_an_end_to_each():
    assert spoken("Roses are red\nViolets are blue,\nI am here") == [
        "Roses are red. Violets are blue, I am here"
    ]
    assert spoken("你好\n再见") == ["你好。再见"]


def test_a_dialogue_keeps_its_lines():
    assert spoken('"Where is it?" asked Ann\n"over there," said Bob.') == [
        '"Where is it?" asked Ann. "over there," said Bob.'
    ]
    assert spoken("— Où est-il ?\n— là-bas.") == ["— Où est-il ? — là-bas."]


def test_a_heading_of_one_word_goes_with_its_paragraph():
    assert spoken("Introduction\n\nIt was a dark night.") == ["Introduction. It was a dark night."]


def test_what_cannot_be_spoken_is_no_chunk_of_its_own():
    assert spoken("Hello there, my friend.\n\n* * *\n\n…\n\nGoodbye then, my friend.") == [
        "Hello there, my friend.",
        "Goodbye then, my friend.",
    ]


def test_a_pause_is_where_a_person_writes_it():
    script = parse_script(
        "[pause 2s]Hello [pause 1.5s] world.\n\n[PAUSE 500ms][pause] Bye.[pause: 3 s]"
    )
    assert script.lead_silence == 2
    assert [(segment.text, segment.pause) for segment in script.segments] == [
        ("Hello", 1.5),
        ("world.", 1.5),
        ("Bye.", 3),
    ]


@pytest.mark.parametrize(
    ("mark", "seconds"),
    [
        ("[pause 1 second]", 1),
        ("[pause 2 seconds]", 2),
        ("[pause for 1.5 sec]", 1.5),
        ("[pause 1,5s]", 1.5),
        ("[pause 1.5]", 1.5),
        ("[pause 500 milliseconds]", 0.5),
        ("[pause 500]", 0.5),
        ("[pause: two seconds]", 2),
        ("[pause 2秒]", 2),
        ("[long pause]", 2),
        ("[short pause]", 0.5),
        ("[break 1s]", 1),
        ("[silence 1.5 seconds]", 1.5),
        ("[停顿2秒]", 2),
        ("[停顿]", 1),
        ("<pause 2s>", 2),
        ("<pause/>", 1),
        ("[Pause...]", 1),
    ],
)
def test_a_pause_can_be_written_in_words(mark, seconds):
    script = parse_script(f"Hello {mark} world.")
    assert [(segment.text, segment.pause) for segment in script.segments] == [
        ("Hello", seconds),
        ("world.", 0),
    ]
    assert script.notes == ()


@pytest.mark.parametrize(
    ("mark", "seconds", "note"),
    [
        ("[pause for effect]", 1, "pauses without a readable length made 1 s long"),
        ("[pause a moment]", 1, "pauses without a readable length made 1 s long"),
        ("[pause -1s]", 1, "pauses without a readable length made 1 s long"),
        (f"[pause {'9' * 10_000}s]", 1, "pauses without a readable length made 1 s long"),
        ("[pause 0s]", 0.05, "pauses brought within 0.05 and 10 s"),
        ("[pause 11s]", 10, "pauses brought within 0.05 and 10 s"),
        ("[pause 10001 ms]", 10, "pauses brought within 0.05 and 10 s"),
        ("[pause 1 minute]", 10, "pauses brought within 0.05 and 10 s"),
    ],
)
def test_a_pause_that_cannot_be_made_as_it_is_written_refuses_no_text(mark, seconds, note):
    script = parse_script(f"Hello {mark} world.")
    assert script.segments[0].pause == seconds
    assert script.notes == (note,)


def test_thousands_of_pauses_are_refused():
    with pytest.raises(InputError, match="has 1,600 pauses; at most 100 are allowed"):
        parse_script("a[pause 1s]" * 1600)


@pytest.mark.parametrize("parse", [parse_script, parse_dialogue])
def test_the_pauses_of_a_text_last_five_minutes_together_and_no_longer(parse):
    allowed = parse("Ann: Breathe in. [pause 10s]\n" * 30)
    assert sum(segment.pause for segment in allowed.segments) == 300
    with pytest.raises(InputError, match=r"last 1,000 s; together they may last 300 s\."):
        parse("Ann: a [pause 10s]\n" * 100)
    assert parse("Hello. [pause 0.1s]" * 100).pause_characters == 150


@pytest.mark.parametrize("text", ["[pause 1s]", "[pause 1s] ... [pause 2s]", "```\n```\n* * *"])
def test_silence_alone_is_no_text(text):
    with pytest.raises(InputError, match=r"The text (is empty|holds only punctuation)"):
        parse_script(text)


@pytest.mark.parametrize(
    "text", ["the pauses [pauses 1s]", "[pause-button]", "pause 1s", "[break 3 eggs] now", "[wait]"]
)
def test_what_only_looks_like_a_pause_is_spoken(text):
    assert spoken(text) == [text]


@pytest.mark.parametrize(
    "unit",
    [
        *PROSE.values(),
        *[
            "word ",
            "x",
            "字",
            "字。",
            "ก",
            "今天天气很好",
            "วันนี้อากาศดี",
            "e\N{COMBINING ACUTE ACCENT}",
        ],
        *[
            "a\n",
            "a\n\n",
            "- a\n",
            "# a\n",
            "> ",
            "| a |",
            "a |",
            "1. ",
            "Mr. A. ",
            "A.B.C. ",
            ". ",
        ],
        *[
            "(",
            "[",
            "[a](",
            "[a](b)",
            "![",
            "[^",
            "*a ",
            "**a*",
            "_a ",
            "__a b ",
            "`",
            "~~a",
            "\\*",
        ],
        *[
            "“",
            "” ",
            "« ",
            "'",
            "。」",
            "…",
            "—",
            ",",
            "<",
            "https://",
            "www.a.",
            "\t",
            "\u200d",
            "\ufeff",
        ],
        *["[pause ", "[pause 1s]", "[pause", "[[pause 1s]]", "\u0301", "1", "|", "|-", "- "],
    ],
)
def test_whatever_20_000_characters_are_they_are_read_within_a_second(unit):
    text = (unit * MAX_LENGTH)[: MAX_LENGTH - 2] + " x"
    parse_script("Warm up.")
    started = time.process_time()
    try:
        made = segments(text)
    except InputError:
        made = []
    assert time.process_time() - started < 1
    assert all(segment.seconds < STEADY_SECONDS for segment in made)
