"""The chats a person keeps on the server."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import ask, button, choose, ended, field, visit
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform


def chat(page: Page, question: str) -> None:
    """Have a chat of one question."""
    button(page, "New chat").click()
    ended(ask(page, question))


def test_a_reload_keeps_the_conversation(page: Page) -> None:
    chat(page, "Which way?")
    page.reload()
    expect(page.locator("article")).to_have_count(2)
    expect(page.get_by_role("heading", level=1)).to_have_text("Which way?")
    expect(page).to_have_title("Which way? · g4f")


def test_chats_are_opened_from_the_list_and_by_going_back(page: Page) -> None:
    chat(page, "First?")
    chat(page, "Second?")
    page.get_by_role("link", name="First?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("First?")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second?")


def test_an_answer_goes_on_while_another_chat_is_open(page: Page) -> None:
    choose(page, "slow")
    ask(page, "Slowly?")
    button(page, "New chat").click()
    expect(page.locator("article")).to_have_count(0)
    page.get_by_role("link", name="Slowly?").click()
    expect(ended(page.locator("article").last)).to_contain_text("18 19")


def test_a_deleted_chat_is_gone_until_it_is_brought_back(page: Page) -> None:
    chat(page, "Which way?")
    entry = page.get_by_role("link", name="Which way?")
    entry.hover()
    button(page, "Delete “Which way?”").click()
    expect(entry).to_have_count(0)
    expect(field(page)).to_be_focused()
    button(page, "Undo").click()
    entry.click()
    expect(page.locator("article")).to_have_count(2)


def test_a_deleted_chat_that_was_brought_back_is_there_after_a_reload(page: Page) -> None:
    chat(page, "Which way?")
    entry = page.get_by_role("link", name="Which way?")
    entry.hover()
    button(page, "Delete “Which way?”").click()
    page.reload()
    expect(entry).to_have_count(0)
    chat(page, "Another?")
    page.get_by_role("link", name="Another?").hover()
    button(page, "Delete “Another?”").click()
    button(page, "Undo").click()
    page.reload()
    expect(page.get_by_role("link", name="Another?")).to_be_visible()


def test_a_chat_is_renamed_where_it_stands(page: Page) -> None:
    chat(page, "Which way?")
    page.get_by_role("link", name="Which way?").hover()
    button(page, "Rename “Which way?”").click()
    name = page.get_by_role("textbox", name="Title of the chat")
    expect(name).to_be_focused()
    name.fill("Ways")
    name.press("Enter")
    expect(page.get_by_role("link", name="Ways")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ways")
    page.reload()
    expect(page.get_by_role("link", name="Ways")).to_be_visible()


def test_escape_keeps_the_title_and_the_answer(page: Page) -> None:
    choose(page, "stall")
    answer = ask(page, "Which way?")
    expect(answer).to_contain_text("Hello, ")
    page.get_by_role("link", name="Which way?").hover()
    button(page, "Rename “Which way?”").click()
    page.keyboard.type("Ways")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Which way?")).to_be_focused()
    expect(answer).to_have_attribute("aria-busy", "true")


def test_the_list_tells_which_chats_are_being_answered(page: Page) -> None:
    choose(page, "stall")
    expect(ask(page, "Which way?")).to_contain_text("Hello, ")
    button(page, "New chat").click()
    expect(page.get_by_role("link", name="Which way? answering")).to_be_visible()


def test_deleting_a_chat_in_mid_answer_ends_the_upstream_call(page: Page, upstream: OpenaiServer) -> None:
    choose(page, "stall")
    expect(ask(page, "Which way?")).to_contain_text("Hello, ")
    page.get_by_role("link", name="Which way?").hover()
    button(page, "Delete “Which way?”").click()
    assert upstream.calls[-1].wait().aborted_at is not None


def test_a_chat_that_is_not_there_says_so_and_offers_a_new_one(browse: Browse, platform: Platform) -> None:
    page = browse(platform, "chat/0190-unknown")
    expect(page.locator("main h2")).to_have_text("This chat is not here")
    page.locator("main").get_by_role("button", name="New chat").click()
    expect(page).to_have_url(f"{platform.base_url}/chat/")
    ended(ask(page, "Which way?"))
    visit(page, f"{platform.base_url}/chat/0190-unknown")
    expect(page.locator("main h2")).to_have_text("This chat is not here")


def test_a_chat_that_is_being_fetched_is_called_neither_new_nor_all_chats(page: Page) -> None:
    chat(page, "Which way?")
    held: list[Route] = []
    page.route("**/backend-api/v2/chats/*", lambda route: held.append(route))  # noqa: PLW0108  Playwright takes no built-in function
    visit(page, page.url)
    expect(page.locator("main").get_by_text("Loading the chat…", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(0)
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which way?")


def test_who_may_have_chats_is_not_met_as_a_stranger(page: Page) -> None:
    page.route("**/backend-api/v2/chats?*", lambda route: route.abort())
    visit(page, page.url)
    expect(page.locator("main h2")).to_have_text("What is the question?")
