import json

from voxcpm_space.messages import N_, languages
from voxcpm_space.ui.words import catalogue, html, script, t, t_html


def test_every_language_has_all_the_words_and_its_own():
    t("Text to Speech")
    tables = catalogue().translations
    assert tables.keys() == set(languages())
    for language, table in tables.items():
        assert table.keys() == tables["en"].keys()
        assert all(words.strip() for words in table.values())
        assert language == "en" or table != tables["en"]


def test_a_label_is_marked_for_the_browser_and_found_in_its_language():
    label = t("Too many requests: {limit} are allowed.", limit=1_000)
    key = json.loads(label.removeprefix("__i18n__"))["key"]
    assert catalogue().translations["zh"][key] == "请求过多：最多允许1000。"


def test_marked_html_can_change_while_the_page_is_open_to_others():
    mark = t_html("one", lambda language: f"<b>{language}</b>")
    tables = catalogue().translations
    assert tables["zh"]["one"] == "<b>zh</b>"
    assert t_html("one", lambda language: f"<i>{language}</i>") == mark
    assert tables["zh"]["one"] == "<i>zh</i>"


def test_what_comes_from_beyond_the_page_is_translated_and_always_escaped():
    assert html(N_("Markdown marks removed"), "zh") == "去除了 Markdown 标记"
    assert html("<b>new</b>", "zh") == "&lt;b&gt;new&lt;/b&gt;"


def test_a_script_asks_in_the_visitor_s_language():
    request = script(N_("Delete this voice from this browser?"))
    assert '"Delete this voice from this browser?"' in request
    assert json.dumps("要从此浏览器中删除这个声音吗？") in request
