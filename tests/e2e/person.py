"""What a person does on the page, in the words they read there, and what the page may not do meanwhile."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import requests
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.servers.platform import Platform
from tests.servers.process import Process

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
LOCAL = ("data:", "blob:")


def watch(context: BrowserContext, origin: str) -> list[str]:
    """Note what the page must never do: an error or a warning, a breach of its policy too, and a request to another host."""
    faults: list[str] = []

    def note_message(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not is_refusal(message):
            faults.append(f"{message.type}: {message.text}")

    def note_request(request: Request) -> None:
        if not request.url.startswith((f"{origin}/", *LOCAL)):
            faults.append(f"request: {request.url}")

    context.on("console", note_message)
    context.on("weberror", lambda error: faults.append(f"exception: {error.error}"))
    context.on("request", note_request)
    return faults


def is_refusal(message: ConsoleMessage) -> bool:
    """Return whether the browser only notes that the API refused something, or a test the network, which the page has to show."""
    if "net::ERR_INTERNET_DISCONNECTED" in message.text:
        return True
    return message.text.startswith("Failed to load resource") and "/backend-api/" in urlsplit(message.location["url"]).path


def field(page: Page) -> Locator:
    """Return the field a question is written in."""
    return page.locator("#composer")


def visit(page: Page, url: str) -> None:
    """Open an address, and wait until the page has its words; keys pressed earlier reach nobody."""
    page.goto(url)
    expect(field(page)).to_be_visible()


def ask(page: Page, text: str) -> Locator:
    """Ask, and return the turn that answers."""
    turns = page.locator("article")
    before = turns.count()
    field(page).fill(text)
    field(page).press("Enter")
    expect(turns).to_have_count(before + 2)
    return turns.nth(before + 1)


def ended(answer: Locator) -> Locator:
    """Wait until an answer is over, and return it."""
    expect(answer).to_have_attribute("aria-busy", "false")
    return answer


def choose(page: Page, model: str) -> None:
    """Choose a model in the picker."""
    page.keyboard.press("Control+Shift+KeyM")
    page.get_by_role("combobox").fill(model)
    page.get_by_role("option", name=model, exact=True).first.click()


def button(page: Page, name: str) -> Locator:
    """Return the button with this name."""
    return page.get_by_role("button", name=name, exact=True)


def attach(page: Page, *files: Path) -> None:
    """Attach files by the button beside the field."""
    with page.expect_file_chooser() as chooser:
        button(page, "Attach files").click()
    chooser.value.set_files(files)
    for file in files:
        chip = page.get_by_role("list", name="Files").get_by_role("listitem").filter(has_text=file.name)
        expect(chip).to_have_class(re.compile("ready|failed"))


def copied(page: Page, answer: Locator) -> str:
    """Copy an answer by its button and return what is on the clipboard then."""
    answer.get_by_role("button", name="Copy answer").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    text: str = page.evaluate("() => navigator.clipboard.readText()")
    return text


def delete_chats(platform: Platform | Process) -> None:
    """Delete every chat in the list."""
    chats = home(platform) + "backend-api/v2/chats"
    for chat in requests.get(chats, timeout=20).json()["chats"]:
        requests.delete(f"{chats}/{chat['id']}", timeout=20).raise_for_status()


def home(platform: Platform | Process) -> str:
    """Return the address of the page."""
    prefix = platform.api.settings.url_prefix if isinstance(platform, Platform) else ""
    return f"{platform.base_url}{prefix}/"
