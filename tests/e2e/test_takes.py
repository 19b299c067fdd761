from playwright.sync_api import expect

from tests.e2e.test_for_everyone import serious_findings
from tests.e2e.test_page import Tab


def test_takes_of_a_text_stand_beside_each_other_and_one_is_chosen(page):
    tab = Tab(page, "Text to Speech")
    tab.type("Good morning.")
    tab.generate()
    tab.wait_for_speech()
    first = tab.facts.text_content()
    takes = tab.result.get_by_role("group", name="Takes of this text")
    expect(takes).to_be_hidden()  # of one there is nothing to choose
    tab.type("Something else.")  # which the take is not of
    tab.result.get_by_role("button", name="Another take").click()
    expect(takes.get_by_role("button")).to_have_count(2)
    second = takes.get_by_role("button", name="Take 2")
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(tab.result.locator(".said")).to_have_text("Good morning.")
    assert tab.facts.text_content() != first  # another seed
    assert serious_findings(page) == []
    takes.get_by_role("button", name="Take 1").click()
    expect(second).to_have_attribute("aria-pressed", "false")
    assert tab.facts.text_content() == first
    tab.generate()
    expect(tab.result.locator(".said")).to_have_text("Something else.")
    expect(takes).to_be_hidden()
