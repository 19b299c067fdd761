import json

import pytest

from voxcpm_space.ui.words import catalogue, said, script, t


def test_every_language_has_all_the_words_and_its_own():
    tables = catalogue().translations
    for language, table in tables.items():
        assert table.keys() == tables["en"].keys()
        assert all(words.strip() for words in table.values())
        assert language == "en" or table != tables["en"]


def test_words_that_the_catalogue_lacks_are_found_when_the_page_is_built():
    with pytest.raises(KeyError):
        t("Nobody has translated this.")


def test_what_comes_from_beyond_the_page_is_translated_where_it_is_known_and_always_escaped():
    assert "去除了 Markdown 标记" in said("Markdown marks removed")
    assert said("<b>new</b>") == "&lt;b&gt;new&lt;/b&gt;"


def test_a_script_asks_in_the_visitor_s_language():
    request = script("Delete this voice from this browser?")
    assert '"Delete this voice from this browser?"' in request
    assert json.dumps("要从此浏览器中删除这个声音吗？") in request
