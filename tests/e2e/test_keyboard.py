"""The page without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import ask, button, choose, ended, field, visit
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform

LONG = "\n\n".join(f"Paragraph {number}" for number in range(60))
NARROW = {"viewport": {"width": 600, "height": 800}}
CONTROL, SHIFT = 2, 8
"""Modifiers: https://chromedevtools.github.io/devtools-protocol/tot/Input/#method-dispatchKeyEvent"""


def test_enter_sends_and_shift_enter_breaks_the_line(page: Page, upstream: OpenaiServer) -> None:
    choose(page, "plain")
    field(page).press_sequentially("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    ended(page.locator("article").last)
    assert upstream.calls[-1].json["messages"][-1]["content"] == "one\ntwo"
    expect(field(page)).to_be_focused()


def test_escape_closes_what_lies_on_top_and_then_stops_the_answer(page: Page, upstream: OpenaiServer) -> None:
    choose(page, "stall")
    answer = ask(page, "Hello")
    expect(answer).to_contain_text("Hello, ")
    page.keyboard.press("Control+Period")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(answer).to_have_attribute("aria-busy", "true")
    page.keyboard.press("Escape")
    ended(answer)
    assert upstream.calls[-1].wait().aborted_at is not None


@pytest.mark.parametrize("letter", ["O", "Щ"])
def test_a_new_chat_begins_by_the_place_of_the_key_whatever_it_writes(page: Page, letter: str) -> None:
    ended(ask(page, "Hello"))
    button(page, "Copy answer").focus()
    press = {"type": "keyDown", "code": "KeyO", "key": letter, "modifiers": CONTROL | SHIFT, "windowsVirtualKeyCode": 79}
    page.context.new_cdp_session(page).send("Input.dispatchKeyEvent", press)
    expect(page.locator("article")).to_have_count(0)
    expect(field(page)).to_be_focused()


def test_a_dialog_gives_the_focus_back_to_what_opened_it(page: Page) -> None:
    opener = page.get_by_role("button", name="Settings")
    opener.press("Enter")
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_the_first_stop_of_the_tab_key_leads_to_the_field(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message field")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused()


def test_shift_escape_leads_back_to_the_field(page: Page) -> None:
    button(page, "Attach files").focus()
    page.keyboard.press("Shift+Escape")
    expect(field(page)).to_be_focused()


def test_what_an_answer_takes_away_leads_to_the_field(page: Page) -> None:
    choose(page, "fail-401")
    ended(ask(page, "Hello"))
    choose(page, "cut")
    for name in ("Try again", "Continue", "Answer again"):
        button(page, name).press("Enter")
        expect(field(page)).to_be_focused()
        ended(page.locator("article").last)


def test_the_arrows_between_versions_keep_the_focus(page: Page) -> None:
    choose(page, "plain")
    ended(ask(page, "Hello"))
    button(page, "Answer again").press("Enter")
    expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    for name, number in (("Previous version", 1), ("Next version", 2)):
        button(page, name).press("Enter")
        expect(page.get_by_role("group", name=f"Version {number} of 2")).to_be_visible()
        expect(button(page, name)).to_be_focused()


def test_the_way_to_the_latest_answer_leads_to_the_field(page: Page) -> None:
    choose(page, "echo")
    ended(ask(page, LONG))
    page.get_by_role("region", name="Conversation").press("Home")
    button(page, "To latest").press("Enter")
    expect(field(page)).to_be_focused()


def test_a_chat_that_is_brought_back_takes_the_focus(page: Page) -> None:
    ended(ask(page, "Which way?"))
    button(page, "Delete “Which way?”").press("Enter")
    button(page, "Undo").press("Enter")
    expect(page.get_by_role("link", name="Which way?")).to_be_focused()


def test_the_last_older_chats_take_the_focus_of_the_button_that_goes(page: Page) -> None:
    chats = [{"id": f"c{age}", "title": f"Chat {age}", "created_at": 0, "updated_at": 100 - age, "run_id": None} for age in range(101)]
    answer = {False: {"chats": chats[:100]}, True: {"chats": chats[100:]}}
    page.route("**/backend-api/v2/chats?*", lambda route: route.fulfill(json=answer["before" in route.request.url]))
    visit(page, page.url)
    button(page, "Show older chats").press("Enter")
    expect(page.get_by_role("link", name="Chat 100")).to_be_focused()


def test_a_dialog_whose_opener_is_gone_leads_to_the_field(page: Page) -> None:
    page.keyboard.press("Control+Shift+KeyM")
    page.get_by_role("dialog").get_by_role("button", name="Connect a model").press("Enter")
    expect(page.get_by_label("Base URL")).to_be_focused()
    page.keyboard.press("Escape")
    expect(field(page)).to_be_focused()


def test_a_test_of_an_address_keeps_the_focus_and_so_does_forgetting_it(page: Page, upstream: OpenaiServer) -> None:
    page.keyboard.press("Control+Period")
    page.get_by_role("dialog").get_by_role("button", name="Connect a model").press("Enter")
    page.get_by_label("Base URL").fill(upstream.base_url)
    button(page, "Test").press("Enter")
    expect(page.get_by_text("Connected:")).to_be_visible()
    expect(button(page, "Test")).to_be_focused()
    button(page, "Forget").press("Enter")
    expect(button(page, "Test")).to_be_focused()


def test_the_drawer_takes_the_focus_and_gives_it_back(browse: Browse, platform: Platform) -> None:
    page = browse(platform, **NARROW)
    opener = button(page, "Open menu")
    opener.press("Enter")
    cross = button(page, "Close menu").first
    expect(cross).to_be_focused()
    field(page).focus()  # what the drawer lies over takes no focus
    expect(cross).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.press("Enter")
    cross.press("Enter")
    expect(opener).to_be_focused()


def test_what_is_opened_from_the_drawer_does_not_give_the_focus_back_to_it(browse: Browse, platform: Platform) -> None:
    page = browse(platform, **NARROW)
    button(page, "Open menu").press("Enter")
    page.get_by_role("button", name="Settings").press("Enter")
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    page.keyboard.press("Escape")
    expect(field(page)).to_be_focused()
