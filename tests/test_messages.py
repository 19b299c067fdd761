import copy
import io
import pickle
import re
from string import Formatter

import pytest
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from tests.e2e.server import ROOT
from voxcpm_space import messages
from voxcpm_space.messages import ENGLISH, N_, languages, ngettext, requested_language, translate

TRANSLATED = [language for language in languages() if language != ENGLISH]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """What the source has to say now, as `make messages` finds it."""
    template = tmp_path_factory.mktemp("messages") / "messages.pot"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        command = ["extract", "-F", "pyproject.toml", "-k", "t", "-o", str(template), "."]
        CommandLineInterface().run(["pybabel", "-q", *command])
    return read_po(io.BytesIO(template.read_bytes()))


@pytest.fixture(params=TRANSLATED)
def catalogue(request):
    path = ROOT / "voxcpm_space" / "locale" / request.param / "LC_MESSAGES" / "messages.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=request.param)


def fields(text):
    return {name: spec for _, name, spec, _ in Formatter().parse(text) if name is not None}


def test_every_language_says_all_that_the_source_says_and_nothing_else(catalogue, source):
    ids = [message.id for message in source if message.id]
    assert [one for one in ids if one not in catalogue] == [], "run `make messages`"
    assert [one.id for one in catalogue if one.id and one.id not in source] == []
    assert not catalogue.obsolete
    assert [one.id for one in catalogue if one.id and (one.fuzzy or not all(_said(one)))] == []


def test_a_translation_has_the_fields_of_its_message(catalogue):
    for message in catalogue:
        english = message.id[-1] if message.pluralizable else message.id
        for said in _said(message) if message.id else ():
            assert fields(said) == fields(english), english


def test_chinese_keeps_to_its_own_punctuation():
    path = ROOT / "voxcpm_space" / "locale" / "zh" / "LC_MESSAGES" / "messages.po"
    for message in read_po(io.BytesIO(path.read_bytes())):
        for said in _said(message) if message.id else ():
            assert not re.search(r"[,;?!] |[a-z]{2}\.$", said)


def _said(message):
    return message.string if message.pluralizable else (message.string,)


def test_a_message_is_its_english_sentence_until_a_front_door_translates_it():
    empty = N_("The text is empty. Please give at least one word to speak.")
    assert f"{empty}" == "The text is empty. Please give at least one word to speak."
    assert translate(empty, "zh") == "文字为空。请至少输入一个要说的词。"
    assert translate(empty, "en") == empty


def test_its_fields_are_translated_too_where_they_are_messages():
    what = N_("Too many requests: {limit} are allowed.", limit=N_("{count} per 1 minute", count=60))
    again = N_("{what} Please try again in {seconds} s.", what=what, seconds=7)
    assert again == "Too many requests: 60 per 1 minute are allowed. Please try again in 7 s."
    assert translate(again, "zh") == "请求过多：最多允许每分钟 60 次。请在 7 秒后重试。"


def test_a_field_that_a_stranger_wrote_is_neither_filled_nor_translated():
    said = {"name": "style", "names": "{names} style"}
    message = N_("There is no voice of the name {name}. There are: {names}.", **said)
    assert translate(message, "zh") == "没有名为 style 的声音。可用的有：{names} style。"


def test_what_is_counted_has_a_singular_and_a_plural():
    def clips(count):
        return ngettext("The only clip is made.", "All {count} clips are made.", count)

    assert (clips(1), clips(2)) == ("The only clip is made.", "All 2 clips are made.")
    assert translate(clips(2), "zh") == "全部 2 段已生成。"


def test_what_nobody_has_translated_is_said_in_english():
    assert translate(N_("New: {what}.", what=1), "zh") == "New: 1."
    assert translate("a name", "zh") == "a name"


def test_a_message_goes_from_one_process_to_another_and_into_the_page_s_state():
    message = N_("seed {seed}", seed=3)
    for moved in (pickle.loads(pickle.dumps(message)), copy.deepcopy(message)):
        assert (moved, translate(moved, "zh")) == ("seed 3", "种子 3")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("ZH", "zh"),
        ("zh-TW", "zh"),
        ("en;q=0.5, zh-HK;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh;q=0.9", "en"),  # as the labels of the page, for which only the first counts
        ("", "en"),
        ("*", "en"),
        ("../zh", "en"),
        (";q=zh,,;;zh;q=nan", "en"),
    ],
)
def test_who_asks_for_a_language_first_is_told_in_it(accepted, language):
    assert requested_language({"accept-language": accepted}) == language


def test_a_language_is_added_with_one_file(tmp_path, monkeypatch):
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    said = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (folder / "messages.po").write_text(f'{said}msgid "Stop"\nmsgstr "Arrêter"\n', "utf-8")
    monkeypatch.setattr(messages, "_LOCALE", tmp_path)
    languages.cache_clear()
    try:
        assert languages() == ("en", "fr")
        assert requested_language({"accept-language": "fr-CA"}) == "fr"
        assert translate(N_("Stop"), "fr") == "Arrêter"
    finally:
        languages.cache_clear()
