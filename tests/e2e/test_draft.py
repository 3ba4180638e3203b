"""The message that is being written: it stays with its chat until the server has taken it on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import ask, button, choose, ended, field
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform

CHATS = "**/backend-api/v2/chats/*"


def test_a_message_outlives_a_reload_and_stays_with_its_chat(page: Page) -> None:
    ended(ask(page, "Which way?"))
    field(page).fill("And then")
    page.reload()
    expect(field(page)).to_have_value("And then")
    button(page, "New chat").click()
    expect(field(page)).to_have_value("")
    page.get_by_role("link", name="Which way?").click()
    expect(field(page)).to_have_value("And then")


def test_a_question_that_is_too_large_comes_back_to_be_shortened(tmp_path: Path, browse: Browse, upstream: OpenaiServer) -> None:
    servers = {"scenario": {"base_url": upstream.base_url, "models": ["plain"]}}
    with Platform(tmp_path, servers=servers, context_window=1200) as platform:
        page = browse(platform)
        ended(ask(page, "Hello"))
        refused = ended(ask(page, "word " * 2000))
        expect(refused.get_by_role("alert")).to_contain_text("1,200")
        expect(field(page)).to_have_value(("word " * 2000).strip())
        field(page).fill("Shorter")
        field(page).press("Enter")
        expect(ended(page.locator("article").last)).to_contain_text("Hello, world!")
        expect(page.locator("article")).to_have_count(4)
        page.context.close()


def test_a_question_that_was_not_sent_comes_back_when_it_is_stopped(page: Page) -> None:
    page.route("**/backend-api/v2/conversation*", lambda route: route.abort())
    ask(page, "Is anybody there?")
    expect(page.locator("article").last).to_contain_text("Connection lost")
    page.keyboard.press("Escape")
    expect(field(page)).to_have_value("Is anybody there?")
    page.unroute_all()
    field(page).press("Enter")
    expect(ended(page.locator("article").last)).to_contain_text("Hello, world!")
    expect(page.locator("article")).to_have_count(2)


def test_a_question_waits_until_it_is_known_what_it_follows(page: Page) -> None:
    ended(ask(page, "Which way?"))
    page.route(CHATS, lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    field(page).fill("And then?")
    field(page).press("Enter")
    expect(field(page)).to_have_value("And then?")
    page.unroute_all()
    field(page).press("Enter")
    expect(page.locator("article")).to_have_count(4)


def test_a_question_where_no_chat_is_begins_one(page: Page) -> None:
    page.goto(f"{page.url}chat/0190e8d0-5c1f-7000-8000-000000000001")
    expect(page.get_by_role("heading", name="This chat is not here")).to_be_visible()
    expect(ended(ask(page, "Hello"))).to_contain_text("Hello, world!")
    page.reload()
    expect(page.locator("article")).to_have_count(2)


def test_what_was_used_and_thought_is_there_for_every_answer_after_a_reload(page: Page) -> None:
    choose(page, "reasoning")
    ended(ask(page, "First?"))
    choose(page, "plain")
    ended(ask(page, "Second?"))
    page.reload()
    expect(page.get_by_text("Thoughts")).to_be_visible()
