"""What stands where an answer would be, when there is none or only half of one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import ask, button, choose, ended
from tests.servers.platform import Platform


def test_a_failure_is_told_in_the_providers_words_and_trying_again_works(page: Page) -> None:
    choose(page, "fail-3-times")
    answer = ended(ask(page, "Hello"))
    expect(answer.get_by_role("alert")).to_contain_text("The server had an error while processing your request.")
    button(page, "Try again").click()
    again = page.locator("article").last
    expect(again).to_contain_text("Hello, world!")
    expect(page.locator("article")).to_have_count(2)


def test_a_wrong_key_leads_to_the_connect_panel(page: Page) -> None:
    choose(page, "fail-401")
    alert = ended(ask(page, "Hello")).get_by_role("alert")
    expect(alert).to_contain_text("A key is needed")
    alert.get_by_role("button", name="Connect a model").click()
    expect(page.get_by_role("dialog", name="Connect a model")).to_be_visible()


def test_what_was_written_before_the_connection_broke_is_kept(page: Page) -> None:
    choose(page, "cut")
    answer = ended(ask(page, "Hello"))
    expect(answer).to_contain_text("Hello, ")
    expect(answer.get_by_role("alert")).to_contain_text("The answer was cut off")


def test_an_empty_answer_is_said_to_be_empty(page: Page) -> None:
    choose(page, "empty")
    expect(ended(ask(page, "Hello")).get_by_role("alert")).to_contain_text("The answer is empty")


def test_endings_that_cost_words_are_named(page: Page) -> None:
    choose(page, "length")
    expect(ended(ask(page, "Hello"))).to_contain_text("cut at the length limit")
    choose(page, "filter")
    expect(ended(ask(page, "Hello"))).to_contain_text("withheld by the provider")


def test_an_answer_stopped_before_its_first_word_can_be_asked_for_again(page: Page) -> None:
    choose(page, "hang")
    answer = ask(page, "Hello")
    button(page, "Stop").click()
    expect(ended(answer)).to_contain_text("stopped")
    page.reload()
    expect(page.locator("article").last).to_contain_text("stopped")
    choose(page, "plain")
    button(page, "Answer again").click()
    expect(page.locator("article").last).to_contain_text("Hello, world!")
    button(page, "Previous version").click()
    expect(button(page, "Copy answer")).to_have_count(0)


def test_an_answer_is_said_to_be_ready_only_when_it_is_and_when_it_was_watched(page: Page) -> None:
    status = page.locator("p[role=status]")
    choose(page, "cut")
    expect(ended(ask(page, "Hello")).get_by_role("alert")).to_be_visible()
    expect(status).to_have_text("")
    choose(page, "plain")
    ended(ask(page, "Hello"))
    expect(status).to_have_text("Answer ready, 2 words")
    page.reload()
    expect(page.locator("article")).to_have_count(4)
    expect(status).to_have_text("")


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("fail-401", "ответил кодом 401: «Incorrect API key provided.» (проверьте ключ этого провайдера)"),
        ("fail-429", "(подождите немного и повторите)"),
        ("cut", "оборвал ответ на середине."),
    ],
)
def test_a_russian_reader_is_told_a_failure_in_russian(browse: Browse, platform: Platform, model: str, said: str) -> None:
    page = browse(platform, locale="ru-RU")
    choose(page, model)
    expect(ended(ask(page, "Hello")).get_by_role("alert")).to_contain_text(said)
    page.reload()
    expect(page.locator("article").last).to_contain_text(said)
