"""A server of the person's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import ask, button, ended, visit
from tests.servers.openai import OpenaiServer

KEY = "sk-own-9d2f"


@pytest.fixture
def own() -> Iterator[OpenaiServer]:
    """A server that asks for a key."""
    with OpenaiServer(api_key=KEY, models=("echo", "plain")) as server:
        yield server


def fill(page: Page, base_url: str, key: str) -> None:
    """Open the panel, fill it in and test it."""
    page.keyboard.press("Control+Period")
    page.get_by_role("dialog").get_by_role("button", name="Connect a model").click()
    page.get_by_label("Base URL").fill(base_url)
    page.get_by_label("API key").fill(key)
    button(page, "Test").click()


def test_a_test_lists_the_models_and_one_of_them_answers(page: Page, own: OpenaiServer, upstream: OpenaiServer) -> None:
    known = len(upstream.calls)
    fill(page, own.base_url, KEY)
    expect(page.get_by_text("Connected: 2 models.")).to_be_visible()
    assert page.locator("datalist option").evaluate_all("(options) => options.map(({ value }) => value)") == ["echo", "plain"]
    button(page, "Use this model").click()
    expect(ended(ask(page, "Say this"))).to_contain_text("Say this")
    assert {call.headers["authorization"] for call in own.calls} == {f"Bearer {KEY}"}
    assert len(upstream.calls) == known


def test_a_model_that_is_listed_twice_is_offered_once_and_can_be_chosen(page: Page) -> None:
    with OpenaiServer(models=("echo", "plain", "echo")) as twice:
        fill(page, twice.base_url, "")
        expect(page.get_by_text("Connected: 2 models.")).to_be_visible()
        button(page, "Use this model").click()
        page.keyboard.press("Control+Shift+KeyM")
        page.get_by_role("combobox").fill("127.0.0.1")
        expect(page.get_by_role("option")).to_have_text(["echo", "plain"])


def test_a_list_with_a_model_twice_that_a_browser_has_kept_opens(page: Page) -> None:
    kept = {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "", "models": ["echo", "echo"]}
    page.evaluate("(kept) => localStorage.setItem('g4f.connection', JSON.stringify(kept))", kept)
    visit(page, page.url)
    page.keyboard.press("Control+Shift+KeyM")
    expect(page.get_by_role("option", name="echo", exact=True).first).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Connect a model").click()
    expect(page.get_by_text("Connected: 2 models.")).to_be_visible()


def test_a_refusal_is_shown_in_the_servers_words(page: Page, own: OpenaiServer) -> None:
    fill(page, own.base_url, "sk-wrong")
    expect(page.get_by_role("alert")).to_contain_text("Incorrect API key provided.")
    expect(button(page, "Use this model")).to_have_count(0)


def test_an_address_where_nobody_listens_is_told_apart(page: Page) -> None:
    fill(page, "http://127.0.0.1:9/v1", KEY)
    expect(page.get_by_role("alert")).to_contain_text("127.0.0.1")


def test_the_key_is_nowhere_on_the_page_afterwards(page: Page, own: OpenaiServer) -> None:
    fill(page, own.base_url, KEY)
    button(page, "Use this model").click()
    ended(ask(page, "Hello"))
    assert KEY not in page.content()
    assert page.locator("input").count() == 0
    page.reload()
    expect(button(page, f"Model: echo, 127.0.0.1:{own.port}")).to_be_visible()
    assert KEY not in page.content()


def test_what_is_forgotten_is_nowhere_in_the_browser(page: Page, own: OpenaiServer) -> None:
    fill(page, own.base_url, KEY)
    button(page, "Forget").click()
    expect(page.get_by_label("API key")).to_have_value("")
    assert KEY not in page.evaluate("() => JSON.stringify({ ...localStorage })")
