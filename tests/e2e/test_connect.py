"""A server of the person's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import ask, button, ended
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
