"""Dark and light, Russian and English, wide and narrow."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import PHONE, ask, button, choose, ended, field
from tests.servers.platform import Platform

LIGHT, DARK = "rgb(250, 250, 246)", "rgb(21, 23, 19)"
LONG = f"`{'long' * 60}`\n\n```\n{'wide ' * 80}\n```\n\n|{'column|' * 12}\n|{'---|' * 12}\n|{'value|' * 12}\n"


def served(page: Page) -> str:
    """Return the page as the server writes it for this browser."""
    return page.request.get(page.url).text()


@pytest.mark.parametrize(("scheme", "color"), [("light", LIGHT), ("dark", DARK)])
def test_the_page_wears_the_colours_of_the_system(browse: Browse, platform: Platform, scheme: str, color: str) -> None:
    expect(browse(platform, color_scheme=scheme).locator("body")).to_have_css("background-color", color)


def test_a_chosen_theme_is_in_the_page_before_anything_is_painted(page: Page) -> None:
    page.keyboard.press("Control+Period")
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("body")).to_have_css("background-color", DARK)
    assert 'data-theme="dark"' in served(page)


def test_a_chosen_language_is_in_the_page_before_anything_is_painted(page: Page) -> None:
    page.keyboard.press("Control+Period")
    page.get_by_text("Русский", exact=True).click()
    expect(page.get_by_role("dialog", name="Настройки")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    assert '<html lang="ru"' in served(page)


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("en-US", ["New chat", "Attach files", "Model: Auto, first available", "Send"]),
        ("ru-RU", ["Новый чат", "Прикрепить файлы", "Модель: Авто, первый доступный", "Отправить"]),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(browse: Browse, platform: Platform, locale: str, names: list[str]) -> None:
    page = browse(platform, locale=locale)
    for name in names:
        expect(page.get_by_role("button", name=name)).to_be_visible()


def test_russian_counts_as_russian_does(browse: Browse, platform: Platform) -> None:
    page = browse(platform, locale="ru-RU")
    choose(page, "plain")
    expect(ended(ask(page, "Привет"))).to_contain_text(re.compile(r"\d с\s*4 токена"))


@pytest.mark.parametrize(("locale", "subsets"), [("en-US", {"latin"}), ("ru-RU", {"latin", "cyrillic"})])
def test_a_page_loads_the_letters_of_its_language_and_no_others(browse: Browse, platform: Platform, locale: str, subsets: set[str]) -> None:
    page = browse(platform, locale=locale)
    expect(field(page)).to_be_visible()
    page.evaluate("() => document.fonts.ready.then(() => undefined)")
    names = page.evaluate("() => performance.getEntriesByType('resource').map(({ name }) => name)")
    assert {found[1] for name in names if (found := re.search(r"wix-madefor-text-(\w+)-wght", name))} == subsets


def test_nothing_moves_for_those_who_asked_for_that(browse: Browse, platform: Platform) -> None:
    page = browse(platform, reduced_motion="reduce")
    expect(button(page, "Start chatting")).to_have_css("transition-duration", "0s")
    choose(page, "stall")
    node = ask(page, "Hello").locator("span[aria-hidden]").first
    assert node.evaluate("(node) => getComputedStyle(node, '::after').animationDuration") == "0s"


def test_on_a_phone_the_chats_are_in_a_drawer(browse: Browse, platform: Platform) -> None:
    page = browse(platform, **PHONE)
    ended(ask(page, "Hello"))
    expect(page.get_by_role("link", name="Hello")).to_be_hidden()
    button(page, "Open menu").click()
    expect(page.get_by_role("link", name="Hello")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Hello")).to_be_hidden()


def test_on_a_phone_a_deleted_chat_can_be_brought_back_beside_the_drawer(browse: Browse, platform: Platform) -> None:
    page = browse(platform, **PHONE)
    ended(ask(page, "Hello"))
    button(page, "Open menu").click()
    button(page, "Delete “Hello”").click()
    button(page, "Undo").click()
    expect(page.get_by_role("link", name="Hello")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_phone(browse: Browse, platform: Platform, width: int) -> None:
    page = browse(platform, **(PHONE | {"viewport": {"width": width, "height": 700}}))
    choose(page, "echo")
    ended(ask(page, LONG))
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    thread = page.get_by_role("region", name="Conversation")
    assert thread.evaluate("(thread) => thread.scrollWidth - thread.clientWidth") == 0


def test_a_language_that_cannot_be_fetched_is_not_chosen(page: Page) -> None:
    button(page, "Settings").click()
    page.context.set_offline(True)
    page.get_by_text("Русский", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("No connection to the server")
    expect(page.get_by_label("Auto").last).to_be_checked()
    page.context.set_offline(False)
    page.reload()
    expect(button(page, "New chat")).to_be_visible()


def test_settings_without_the_server_say_so_once(page: Page) -> None:
    page.context.set_offline(True)
    button(page, "Settings").click()
    expect(page.get_by_text("How much room files take is not known now.")).to_have_count(1)
    page.context.set_offline(False)
