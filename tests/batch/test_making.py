import csv
import io
import zipfile
from contextlib import closing
from functools import partial

import pytest
import soundfile

from voxcpm_space.batch import Packed, Row, make, making, read_archive, read_clip, read_rows
from voxcpm_space.batch.archive import file_name
from voxcpm_space.errors import BalanceError, BusyError, InputError


@pytest.fixture
def outputs(studio):
    return studio._outputs


@pytest.fixture
def batch(studio, outputs):
    """Starts one of the given rows, or texts."""

    def start(*rows, speak=studio.speak, stop_requested=lambda: False, earlier=None):
        rows = [row if isinstance(row, Row) else text_row(row) for row in rows]
        asked = partial(speak, stop_requested=stop_requested)
        return make(rows, asked, outputs, stop_requested, earlier)

    return start


def text_row(text, name="", **fields):
    return Row(name, {"text": text, "dit_steps": 1, **fields})


def packed(events):
    *_, last = events
    assert isinstance(last, Packed)
    return last


def unpacked(path):
    """The clips by name with their seconds, and the lines of the table."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        table = archive.read("settings.csv").decode("utf-8-sig")
        clips = {
            name: soundfile.info(io.BytesIO(archive.read(name))).duration
            for name in archive.namelist()
            if name != "settings.csv"
        }
    return clips, list(csv.DictReader(io.StringIO(table)))


def test_a_batch_is_one_file_with_a_clip_and_a_line_of_settings_for_each_text(batch, made_files):
    rows = [text_row("One.", "first", seed=7, voice_description="A girl"), text_row("Two.")]
    result = packed(batch(*rows))
    assert (result.made, result.lines) == (2, 2)
    assert made_files() == [result.path]
    clips, lines = unpacked(result.path)
    assert list(clips) == ["001-first.wav", "002.wav"]
    first, second = lines
    assert first["file"] == "001-first.wav"
    assert (first["text"], first["seed"], first["dit_steps"]) == ("One.", "7", "1")
    assert first["voice_description"] == "A girl"
    assert float(first["seconds"]) == pytest.approx(clips["001-first.wav"], abs=0.01)
    assert second["problem"] == ""
    assert second["seed"].isdecimal()


def test_a_clip_is_what_its_text_and_seed_make_alone(batch, studio):
    result = packed(batch(text_row("One."), text_row("Two.", seed=7)))
    *_, speech = studio.speak({"text": "Two.", "dit_steps": 1, "seed": 7})
    with zipfile.ZipFile(result.path) as archive:
        assert archive.read("002.wav") == speech.path.read_bytes()


def test_progress_counts_the_clips(batch):
    *events, _ = batch("One.", "Two.")
    assert {(event.clip, event.clips) for event in events} == {(1, 2), (2, 2)}
    assert [event.made for event in events if event.outcome] == [1, 2]
    assert events[0].made == 0


def test_a_line_that_fails_is_told_of_and_does_not_end_the_others(batch):
    result = packed(batch("One.", "?!", text_row("Three.", seed=-1), "Four."))
    assert (result.made, result.lines) == (2, 4)
    clips, lines = unpacked(result.path)
    assert list(clips) == ["001.wav", "004.wav"]
    assert "only punctuation" in lines[1]["problem"]
    assert "seed must be a whole number" in lines[2]["problem"]
    assert lines[3]["file"] == "004.wav"


def test_each_clip_can_be_heard_when_it_is_made_and_a_failure_read_when_it_is_known(batch):
    heard = {}
    for event in batch("One.", "?!"):
        if isinstance(event, Packed):
            continue
        if event.outcome and event.outcome.speech:
            heard[event.clip] = event.outcome.speech.path.read_bytes()
        elif event.outcome:
            assert "only punctuation" in event.outcome.problem
    assert list(heard) == [1]


def test_failing_lines_are_made_again_and_the_others_stay(batch, studio, made_files):
    speak = refusing(studio, InputError("Not now."))
    first = packed(batch("One.", text_row("=1.", "=two"), "Three.", speak=speak))
    rows = read_archive(first.path)
    assert [bool(row.made) for row in rows] == [True, False, True]
    asked = []

    def counting(fields, **options):
        asked.append(fields["text"])
        return studio.speak(fields, **options)

    *events, second = batch(*rows, speak=counting, earlier=first.path)
    assert asked == ["=1."]
    assert [event.outcome.file for event in events if event.outcome] == [
        *["001.wav", "002-two.wav", "003.wav"]
    ]
    with zipfile.ZipFile(first.path) as before, zipfile.ZipFile(second.path) as after:
        assert after.read("001.wav") == before.read("001.wav") == read_clip(first.path, "001.wav")
        assert after.read("003.wav") == before.read("003.wav")
    _, lines = unpacked(second.path)
    assert [line["problem"] for line in lines] == ["", "", ""]
    assert lines[1]["text"] == "'=1."
    assert len(made_files()) == 2


def test_of_an_archive_nothing_but_clips_is_given(batch):
    made = packed(batch("One.")).path
    assert read_clip(made, "settings.csv") is None
    assert read_clip(made, "../001.wav") is None


def test_where_every_line_fails_the_first_reason_is_given_and_nothing_is_left(batch, made_files):
    with pytest.raises(InputError, match="only punctuation"):
        list(batch("?!", text_row("Hi.", seed=-1)))
    assert made_files() == []


def test_stopping_keeps_the_clips_that_are_there(batch):
    asked = iter([False] * 12)
    result = packed(batch(*["A short sentence."] * 50, stop_requested=lambda: next(asked, True)))
    clips, lines = unpacked(result.path)
    assert 0 < result.made == len(clips) < 50
    assert len(lines) == 50
    assert lines[-1]["problem"] == "Not made: the batch was stopped before."


def test_stopping_before_there_is_a_clip_leaves_nothing(batch, made_files):
    assert not any(
        isinstance(event, Packed) for event in batch("One.", stop_requested=lambda: True)
    )
    assert made_files() == []


def test_whoever_leaves_ends_the_work_and_leaves_nothing(batch, made_files):
    with closing(batch("One.", "Two.")) as events:
        while next(events).clip == 1:
            pass
    assert made_files() == []


def refusing(studio, *errors):
    """Speaks, but answers the calls after the first with these errors."""
    left = iter([None, *errors])

    def speak(fields, **options):
        if error := next(left, None):
            raise error
        return studio.speak(fields, **options)

    return speak


def test_who_has_nothing_left_keeps_what_is_made_and_asks_for_no_more(batch, studio):
    speak = refusing(studio, BalanceError("Nothing left."))
    _, lines = unpacked(packed(batch("One.", "Two.", "Three.", speak=speak)).path)
    assert [line["problem"] for line in lines] == [
        "",
        "Nothing left.",
        "Not made: the batch ended before.",
    ]


def test_a_batch_waits_where_others_would_be_told_to_come_again(batch, studio, monkeypatch):
    monkeypatch.setattr(making, "_LOOK_SECONDS", 0.01)
    speak = refusing(studio, BusyError("Too many.", 1))
    *events, result = batch("One.", "Two.", speak=speak)
    assert result.made == 2
    assert any(event.speech is None and event.outcome is None for event in events)


def test_what_would_be_too_long_to_wait_for_ends_it(batch, studio):
    speak = refusing(studio, BusyError("Too many.", 3600))
    _, lines = unpacked(packed(batch("One.", "Two.", "Three.", speak=speak)).path)
    assert lines[1]["problem"].startswith("Too many. Please try again in 3600 s.")


FORMULA_STARTS = list("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_cell_is_a_formula(batch, start):
    rows = [text_row("One.", f"{start}cmd"), text_row(f"{start}1+1", seed=f"{start}x")]
    _, lines = unpacked(packed(batch(*rows)).path)
    for line in lines:
        assert not any(cell.startswith(tuple(FORMULA_STARTS)) for cell in line.values())


def test_a_line_has_a_speed_of_its_own(batch):
    text = "The train was late again."
    result = packed(batch(text_row(text, seed=7), text_row(text, seed=7, speed=2.0)))
    _, lines = unpacked(result.path)
    usual, faster = (float(line["seconds"]) for line in lines)
    assert faster == pytest.approx(usual / 2, rel=0.1)
    assert [line["speed"] for line in lines] == ["1.0", "2.0"]


def test_a_settings_csv_that_is_sent_again_makes_the_same_audio(batch, tmp_path):
    texts = [
        "-5 degrees.",
        "@home.",
        "=1.",
        "+1.",
        "'-5.",
        "''=1.",
        "'Twas so.",
        "\uff1d1.",
        "\t-5.",
    ]
    first = packed(batch(*[text_row(text, text, voice_description="-x") for text in texts])).path
    settings = tmp_path / "settings.csv"
    with zipfile.ZipFile(first) as archive:
        settings.write_bytes(archive.read("settings.csv"))
    rows = read_rows(settings)
    assert [row.fields["text"] for row in rows] == [text.strip() for text in texts]
    second = packed(batch(*rows)).path
    with zipfile.ZipFile(first) as before, zipfile.ZipFile(second) as after:
        assert after.namelist() == before.namelist()
        clips = [name for name in before.namelist() if name.endswith(".wav")]
        assert len(clips) == len(texts)
        assert all(after.read(clip) == before.read(clip) for clip in clips)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("intro", "007-intro.wav"),
        ("", "007.wav"),
        ("../../etc/passwd", "007-etc-passwd.wav"),
        ("/etc/passwd", "007-etc-passwd.wav"),
        ("C:\\Windows\\x.exe", "007-C-Windows-x-exe.wav"),
        ("..", "007.wav"),
        ("a\0b\nc", "007-a-b-c.wav"),
        ("\u202egpj.wav", "007-gpj-wav.wav"),
        ("CON", "007-CON.wav"),
        ("नमस्ते 你好", "007-नमस्ते-你好.wav"),
        ("x" * 500, f"007-{'x' * 40}.wav"),
    ],
)
def test_a_name_of_a_clip_is_only_a_name(name, safe):
    assert file_name(7, name) == safe


def test_a_zip_file_expires_like_every_other(batch, outputs):
    assert str(packed(batch("One.")).path) in outputs.files
