import pytest

from voxcpm_space.batch import Row, read_rows
from voxcpm_space.errors import InputError

HEADER = "text,name,voice_description,seed,cfg_value,dit_steps,normalize\n"


@pytest.fixture
def read(tmp_path):
    def reading(content, name="texts.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_rows(path)

    return reading


def test_every_line_of_a_text_file_is_a_clip(read):
    rows = read("Good morning.\r\n\n  Well, then: good night.  \n", "texts.txt")
    assert rows == [
        Row("", {"text": "Good morning."}),
        Row("", {"text": "Well, then: good night."}),
    ]


def test_what_a_line_leaves_empty_it_has_from_the_defaults(tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("text,voice_description\nOne.,A girl\nTwo.,\n")
    rows = read_rows(path, voice_description="A man", seed=7)
    assert [row.fields["voice_description"] for row in rows] == ["A girl", "A man"]
    assert {row.fields["seed"] for row in rows} == {7}


def test_a_table_says_what_it_wants_by_the_names_of_its_columns(read):
    rows = read(f'{HEADER}"One, two.",first,A girl,7,2.5,12,yes\n\nThree.,,,,,,\n')
    assert rows == [
        Row(
            "first",
            {
                "text": "One, two.",
                "voice_description": "A girl",
                "seed": 7,
                "cfg_value": 2.5,
                "dit_steps": 12,
                "normalize": True,
            },
        ),
        Row("", {"text": "Three."}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffText;Name\nOne, two.;first\n",
        "\n text\t name \nOne, two.\tfirst",
        '"text","name"\r\n"One, two.","first"\r\n',
        "name,text\nfirst,'One'\n".replace("'One'", '"One, two."'),
        'text,name\n"One, two.",first\n'.encode("utf-16"),
        "sep=;\r\ntext;name\r\nOne, two.;first\r\n",
        '"sep=;"\ntext;name\nOne, two.;first\n',
        'text,name,,\n"One, two.",first,,\n,,,\n',
        'text,name\n"One, two.",first,,\n',
        'text,name\r"One, two.",first\r',
        'file,text,name,seconds,problem\n001.wav,"One, two.",first,1.5,\n',
    ],
    ids=[
        "semicolons",
        "tabs",
        "quotes",
        "another order",
        "UTF-16",
        "sep=",
        "sep= in quotes",
        "commas at the ends",
        "commas at the ends of rows",
        "CR alone",
        "a settings.csv",
    ],
)
def test_it_may_be_written_as_spreadsheets_write_it(read, content):
    assert read(content) == [Row("first", {"text": "One, two."})]


def test_where_the_delimiter_is_told_no_comma_divides_the_only_column(read):
    assert read("sep=;\ntext\nOne, two.\n") == [Row("", {"text": "One, two."})]


def test_a_number_may_have_a_comma(read):
    (row,) = read("text;cfg_value;speed\nHi.;2,5;1,25\n")
    assert row.fields == {"text": "Hi.", "cfg_value": 2.5, "speed": 1.25}


def test_a_text_may_have_paragraphs(read):
    assert read('text\n"One.\n\nTwo."\n') == [Row("", {"text": "One.\n\nTwo."})]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("'-5 degrees.", "-5 degrees."),
        ("''-5 degrees.", "'-5 degrees."),
        ("'Twas so.", "'Twas so."),
    ],
)
def test_what_kept_a_spreadsheet_from_computing_a_cell_is_no_part_of_it(read, written, text):
    assert read(f"text,name\n{written},{written}\n") == [Row(text, {"text": text})]
    assert read(f"{written}\n", "texts.txt") == [Row("", {"text": written})]


def test_what_is_wrong_in_a_cell_is_left_for_its_clip(read):
    assert read(f"{HEADER}Hi.,,,x,2;5,1.5,maybe\n")[0].fields == {
        "text": "Hi.",
        "seed": "x",
        "cfg_value": "2;5",
        "dit_steps": "1.5",
        "normalize": "maybe",
    }
    assert read(f"text,seed\n,{'9' * 5000}\n")[0].fields == {"seed": "9" * 5000}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The first line of a CSV file must name its columns, and one must be text."),
        ("Hello.\nYou.\n", "The first line of a CSV file must name its columns"),
        ("text,voice\nHi.,a\n", "The file has a column 'voice' that is unknown"),
        ("text,text\nHi.,a\n", "The file has a column 'text' that is unknown, or there twice."),
        ("text,name\nOne, two.,a\n", "Line 2 of the file has 3 cells, but there are 2 columns."),
        ('text\n"Hi\n', "Line 2 of the file is not CSV that can be read"),
        ("text\n" + "x" * 200_000, "Line 2 of the file is not CSV that can be read"),
        ("text\n\n \n", "The file has no lines to speak."),
        ("text\n" + "Hi.\n" * 201, "The file has 201 lines; at most 200 are allowed."),
        ("text\n" + f"{'x' * 20_000}\n" * 6, "The file has 120,000 characters of text"),
        (
            "text\n" + f"{'Hi. [pause 10s] ' * 30}\n" * 30,
            "The file has 149,370 characters of text, with 15 for each second of a pause; at most",
        ),
        (b"text\n\xff\xfe\n", "The file is not text in UTF-8."),
        ("text\nCaf\xe9\n".encode("latin-1"), "The file is not text in UTF-8. Please save it as"),
        (b"text\nHi\0you\n", "The file is not text: it holds zeros."),
        (b"PK\3\4\0\0", "The file is not text: it holds zeros."),
        (b"x" * (4 * 2**20 + 1), "The file is larger than 4 MB."),
    ],
)
def test_what_is_no_such_table_is_refused_with_the_reason(read, content, sentence):
    with pytest.raises(InputError) as refusal:
        read(content)
    assert str(refusal.value).startswith(sentence)
    assert len(str(refusal.value)) < 300
