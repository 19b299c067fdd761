import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect


@pytest.fixture
def visitor(browser):
    """A page in a browser with options: `visitor(locale="zh-CN")`."""
    contexts = []

    def visit(**options):
        contexts.append(browser.new_context(**options))
        return contexts[-1].new_page()

    yield visit
    for context in contexts:
        context.close()


def test_a_person_logs_in_with_name_and_key_and_speaks(visitor, closed, accounts):
    page = visitor()
    page.goto(closed.url)
    expect(page.get_by_label("Account")).to_be_focused()
    page.keyboard.type("ann")
    page.get_by_label("Key").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text(
        "There is no such account, or this is not its key."
    )
    expect(page.get_by_label("Account")).to_have_value("ann")
    expect(page.get_by_label("Key")).to_be_focused()
    page.keyboard.type(accounts.key)
    page.keyboard.press("Enter")
    page.get_by_placeholder("What should be said?").fill("Hello.")
    with page.expect_response(re.compile(r"/speech/.*\.wav")) as download:
        page.get_by_role("button", name="Generate").click()
    assert download.value.ok
    page.get_by_role("link", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.goto(closed.url)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_without_javascript_and_in_chinese_it_works_too(visitor, closed, accounts):
    page = visitor(java_script_enabled=False, locale="zh-CN")
    page.goto(f"{closed.url}/login")
    page.get_by_label("账户").fill("ann")
    page.get_by_label("密钥").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text("没有这个账户，或者密钥不正确。")
    page.get_by_label("密钥").fill(accounts.key)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{closed.url}/")
    expect(page.locator("gradio-app")).to_be_attached()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_by_the_login_page(visitor, closed, scheme):
    page = visitor(color_scheme=scheme, reduced_motion="reduce")
    page.goto(closed.url)
    assert Axe().run(page).violations_count == 0
    page.get_by_label("Account").fill("<nobody>")
    page.get_by_label("Key").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Account")).to_have_value("<nobody>")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_page_of_another_site_cannot_use_a_visitor_s_login(visitor, closed, accounts, internet):
    """Two origins of one site: the browser sends the cookie along."""
    page = visitor()
    page.goto(closed.url)
    page.get_by_label("Account").fill("ann")
    page.get_by_label("Key").fill(accounts.key)
    page.keyboard.press("Enter")
    expect(page.get_by_placeholder("What should be said?")).to_be_visible()
    page.goto(internet)
    tried = """async ([url, options]) => {
        const answer = await fetch(url, {credentials: "include", ...options});
        return answer.status;
    }"""
    with pytest.raises(Error, match="Failed to fetch"):
        page.evaluate(tried, [f"{closed.url}/config", {}])
    call = f"{closed.url}/gradio_api/call/v2/text-to-speech"
    with page.expect_response(call) as refused:
        page.evaluate(tried, [call, {"method": "POST", "mode": "no-cors", "body": "{}"}])
    assert refused.value.status == 403
