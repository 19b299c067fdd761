import pytest

from voxcpm_space.text import TextPieces


def test_a_sentence_is_a_piece_once_text_follows_it():
    pieces = TextPieces()
    assert pieces.add("It is 3.") == []
    assert pieces.add("14. So") == ["It is 3.14."]
    assert pieces.add(" be it") == []
    assert pieces.has_rest
    assert pieces.flush() == ["So be it"]
    assert not pieces.has_rest


@pytest.mark.parametrize(
    ("text", "spoken", "rest"),
    [
        ("The train was late again.", ["The train was late again."], []),
        ("He said: “The train is late.”", ["He said: “The train is late.”"], []),
        ("When the train was late, we", ["When the train was late,"], ["we"]),
        ("Well, we", [], ["Well, we"]),  # too little to be spoken alone
        ("The train was", [], ["The train was"]),
        ("", [], []),
        ("... ", [], []),
    ],
)
def test_where_nothing_comes_for_a_moment_whole_clauses_are_pieces(text, spoken, rest):
    pieces = TextPieces()
    pieces.add(text)
    assert pieces.wait() == spoken
    assert pieces.flush() == rest
