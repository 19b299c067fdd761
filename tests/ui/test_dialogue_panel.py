import gradio as gr

from voxcpm_space.ui.dialogue import DialoguePanel, DialogueRows, _follow

ASKED = gr.Request(headers={"accept-language": "en"})
ON, OFF = [True], [False]  # as Gradio passes the switch: by position


def described(rows, descriptions):
    return dict(zip(rows.rows, descriptions, strict=True))


def test_a_description_stays_with_its_name_when_others_come_before():
    rows, descriptions = DialogueRows(("Ann", "Bob")).followed(
        ("Cy", "Bob", "ANN"), ["a girl", "a man"]
    )
    assert described(rows, descriptions) == {"Cy": "", "Bob": "a man", "ANN": "a girl"}


def test_a_name_that_is_written_otherwise_keeps_its_description():
    rows, descriptions = DialogueRows(("Ann", "Bob")), ["a girl", "a man"]
    for name in ("An", "A", "Al", "Ali"):
        rows, descriptions = rows.followed((name, "Bob"), descriptions)
    assert described(rows, descriptions) == {"Ali": "a girl", "Bob": "a man"}


def test_who_is_cut_out_and_pasted_again_is_still_described():
    rows, descriptions = DialogueRows(("", "Ann", "Bob")).followed(
        (), ["a reader", "a girl", "a man"]
    )
    assert rows.named == ()
    rows, descriptions = rows.followed(("Bob", "Ann"), descriptions)
    assert described(rows, descriptions) == {"Bob": "a man", "Ann": "a girl", "": "a reader"}


def test_the_rows_hold_eight_names_and_a_narrator_however_many_there_were():
    rows, descriptions = DialogueRows(), []
    for number in range(30):
        rows, descriptions = rows.followed(("", *(f"{number} {name}" for name in "abcdefgh")), [])
        assert len(rows.rows) == len(descriptions) == 9


def test_what_is_generated_goes_by_the_text_as_it_is_now():
    text = "A kitchen.\nAnn: Hello.\nCy: Hi."
    rows = [DialogueRows(("Ann", "Bob")), "a girl", "a man", *[""] * 7]
    assert DialoguePanel.fields(text, *ON, *rows) == {
        "voices": {"Ann": "a girl", "Cy": "a man"},  # Bob was given another name
        "voice_description": "",
    }
    assert DialoguePanel.fields(text, *OFF, *rows) == {}


def test_nothing_is_sent_while_the_names_stay_or_it_is_no_dialogue():
    rows = ["a girl", *[""] * 8]
    assert all(map(is_skipped, _follow(ASKED, *OFF, "Ann: Hello.", DialogueRows(), *rows)))
    hint, *others = _follow(ASKED, *ON, "Ann: Hello.", DialogueRows(("Ann",)), *rows)
    assert "Describe" in hint
    assert all(map(is_skipped, others))


def test_too_many_names_are_said_where_the_rows_are():
    text = "\n".join(f"Speaker {number}: Hi." for number in range(9))
    hint, *others = _follow(ASKED, *ON, text, DialogueRows(), *[""] * 9)
    assert "at most 8 are allowed" in hint
    assert all(map(is_skipped, others))


def is_skipped(update):
    return update == gr.skip()
