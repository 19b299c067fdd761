import re

import pytest

from voxcpm_space.subtitles import cues, srt, vtt
from voxcpm_space.synthesis import Span

CHINESE = "列车又晚点了，我们不得不在这里等上好一会儿，真是没有办法。" * 2  # noqa: RUF001
LONG = (
    "When the train, which had been late every day of that cold and endless winter, came round "
    "the bend at last, nobody on the platform believed that it would stop, and it did not."
)


def test_an_srt_file_numbers_its_cues_and_has_commas_in_its_times():
    assert srt([Span("It is late.", 0.05, 1.5), Span("We wait.", 3661.0004, 3662.9996)]) == (
        "1\n00:00:00,050 --> 00:00:01,500\nIt is late.\n\n"
        "2\n01:01:01,000 --> 01:01:03,000\nWe wait.\n\n"
    )


def test_a_vtt_file_says_what_it_is_and_has_points_in_its_times():
    assert vtt([Span("It is late.", 59.9999, 61.5)]) == (
        "WEBVTT\n\n00:01:00.000 --> 00:01:01.500\nIt is late.\n\n"
    )


def test_marks_of_the_format_in_a_text_stay_text():
    text = "Is <b>1 & 2</b> --> {\\an8} less?"
    written = vtt([Span(text, 0, 2)]).split("\n", 3)[3].replace("\n", " ").strip()
    assert written == "Is &lt;b&gt;1 &amp; 2&lt;/b&gt; --&gt; {\\an8} less?"
    body = srt([Span(text, 0, 2)]).split("\n", 2)[2]
    assert "-->" not in body
    assert not re.search(r"<[/\w]|{\\", body)


@pytest.mark.parametrize(("text", "widest"), [(LONG, 42), (CHINESE, 12)])
def test_a_long_sentence_is_shown_in_cues_of_two_lines_that_fit(text, widest):
    shown = cues([Span(text, 10, 22)])
    lines = [line for cue in shown for line in cue.text.split("\n")]
    assert all(cue.text.count("\n") <= 1 for cue in shown)
    assert max(map(len, lines)) <= widest
    assert min(map(len, lines)) > widest / 4
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert (shown[0].start, shown[-1].end) == (10, pytest.approx(22))
    assert [cue.end for cue in shown[:-1]] == [cue.start for cue in shown[1:]]


@pytest.mark.parametrize(
    "whole",
    ["2025-09-28", "2025年09月28日", "14:30", "1,234,567.89元", "36.5℃", "50%", "400-800-1234"],
)
def test_no_line_of_chinese_ends_within_a_date_or_number(whole):
    for before in ("今天是", "请各位注意会议将在", "他在这里等到了"):
        text = f"{before}{whole}以后就不要再等下去了因为列车不来"
        lines = [line for cue in cues([Span(text, 0, 9)]) for line in cue.text.split("\n")]
        assert len(lines) > 1
        assert any(whole in line for line in lines), lines


def test_a_word_is_shown_for_a_second_if_the_next_leaves_it_time():
    first, second, last = cues([Span("No.", 0, 0.3), Span("So.", 0.7, 0.9), Span("Ah.", 9, 9.2)])
    assert (first.end, second.end, last.end) == (0.7, 1.7, 10)
