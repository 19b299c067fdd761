from playwright.sync_api import expect

from tests.e2e.test_page import Tab


def test_a_pause_is_put_where_the_caret_is_and_counts(page):
    tab = Tab(page, "Text to Speech")
    tab.type("One. Two.")
    expect(tab.panel.get_by_text("9 characters, about 1 s")).to_be_visible()
    text = tab.panel.get_by_placeholder("What should")
    text.evaluate("(field) => field.setSelectionRange(5, 5)")
    tab.panel.get_by_role("button", name="Add pause", exact=True).click()
    expect(text).to_have_value("One. [pause 1s] Two.")
    expect(text).to_be_focused()
    expect(tab.panel.get_by_text("20 characters, about 2 s")).to_be_visible()


def test_in_a_dialogue_it_goes_into_the_line_that_was_written_last(page):
    tab = Tab(page, "Dialogue")
    tab.panel.get_by_role("button", name="Fill in an example").click()
    line = tab.panel.get_by_label("Line 2", exact=True)
    line.press("End")
    tab.panel.get_by_role("button", name="Add pause", exact=True).click()
    expect(line).to_have_value("Was that our train? [pause 1s] ")
