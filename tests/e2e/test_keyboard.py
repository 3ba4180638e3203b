"""The page without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import ask, button, choose, ended, field
from tests.servers.openai import OpenaiServer

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
