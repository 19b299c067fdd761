import re

from playwright.sync_api import expect


def test_a_person_logs_in_with_name_and_key_and_speaks(browser, closed, accounts):
    context = browser.new_context()
    page = context.new_page()
    page.goto(closed.url)
    page.get_by_label("Username").fill("ann")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Login").click()
    expect(page.get_by_text("Incorrect Credentials")).to_be_visible()
    page.get_by_label("Username").fill("ann")  # Gradio empties both fields
    page.get_by_label("Password").fill(accounts.key)
    page.get_by_role("button", name="Login").click()
    page.get_by_placeholder("What should be said?").fill("Hello.")
    with page.expect_response(re.compile(r"/gradio_api/file=.*\.wav")) as download:
        page.get_by_role("button", name="Generate").click()
    assert download.value.ok
    context.close()
