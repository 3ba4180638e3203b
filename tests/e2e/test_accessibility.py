"""axe finds nothing to object to, in any state of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import g4f
from tests.e2e.conftest import Browse
from tests.e2e.person import PHONE, ask, button, choose, ended
from tests.e2e.test_conversation import MARKDOWN
from tests.servers.platform import Platform

AXE = Path(g4f.__file__).parent / "gui" / "client" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
    .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))"""
WIDE = {"viewport": {"width": 1280, "height": 800}}
SCHEMES = ["light", pytest.param("dark", marks=pytest.mark.proof)]
"""The colours of panels of their own; those of the whole page are looked at in both every time."""


def violations(page: Page) -> list[Any]:
    """Return what axe objects to; it is put into the page through the debugger, past the page's policy."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found = session.send("Runtime.evaluate", {"expression": RUN, "awaitPromise": True, "returnByValue": True})
    session.detach()
    result: list[Any] = found["result"]["value"]
    return result


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_state_is_accessible(browse: Browse, platform: Platform, screen: dict[str, Any], scheme: str) -> None:
    page = browse(platform, color_scheme=scheme, reduced_motion="reduce", **screen)
    expect(page.get_by_role("heading", level=3).first).to_be_visible()
    found = {"start": violations(page)}
    choose(page, "fail-401")
    ended(ask(page, "Hello"))
    choose(page, "reasoning")
    ended(ask(page, "Hello"))
    choose(page, "echo")
    expect(ended(ask(page, MARKDOWN)).locator(".hljs-keyword").first).to_be_visible()
    found["thread"] = violations(page)
    page.keyboard.press("Control+Shift+KeyM")
    found["picker"] = violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Period")
    found["settings"] = violations(page)
    page.get_by_role("dialog").get_by_role("button", name="Connect a model").click()
    found["connect"] = violations(page)
    assert {state: each for state, each in found.items() if each} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_versions_running_chats_and_titles_are_accessible(browse: Browse, platform: Platform, scheme: str) -> None:
    page = browse(platform, color_scheme=scheme, reduced_motion="reduce", **WIDE)
    choose(page, "plain")
    ended(ask(page, "Hello"))
    button(page, "Answer again").click()
    expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    found = {"versions": violations(page)}
    button(page, "New chat").click()
    choose(page, "stall")
    expect(ask(page, "Wait")).to_contain_text("Hello, ")
    page.context.set_offline(True)
    expect(page.locator("article").last).to_contain_text("Connection lost")
    found["lost"] = violations(page)
    page.context.set_offline(False)
    page.get_by_role("link", name="Hello").hover()
    button(page, "Rename “Hello”").click()
    found["renaming"] = violations(page)
    assert {state: each for state, each in found.items() if each} == {}
