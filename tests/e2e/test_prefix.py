"""The platform under a path of its own, such as https://example.org/ai/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Browse
from tests.e2e.person import ask, button, choose, copied, ended, visit
from tests.e2e.test_conversation import MARKDOWN
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform


@pytest.fixture
def prefixed(tmp_path: Path, upstream: OpenaiServer) -> Iterator[Platform]:
    """The platform under /ai."""
    with Platform(tmp_path, url_prefix="/ai", servers={"scenario": {"base_url": upstream.base_url, "models": ["echo"]}}) as server:
        yield server


def test_everything_works_under_a_prefix(browse: Browse, prefixed: Platform) -> None:
    page = browse(prefixed)
    paths: list[str] = []
    page.on("request", lambda request: paths.append(request.url.removeprefix(prefixed.base_url)))
    choose(page, "echo")
    answer = ended(ask(page, MARKDOWN))
    expect(answer.locator(".hljs-keyword").first).to_have_text("def")
    assert copied(page, answer) == MARKDOWN.strip()
    page.reload()
    expect(page.locator("article")).to_have_count(2)
    assert [path for path in paths if not path.startswith("/ai/")] == []


def test_chats_have_their_addresses_under_the_prefix(browse: Browse, prefixed: Platform) -> None:
    page = browse(prefixed)
    ended(ask(page, "Hello"))
    link = page.get_by_role("link", name="Hello").get_attribute("href") or ""
    assert link.startswith("/ai/chat/")
    button(page, "New chat").click()
    expect(page).to_have_url(f"{prefixed.base_url}/ai/chat/")
    visit(page, prefixed.base_url + link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello")


def test_a_chosen_theme_reaches_the_server_under_the_prefix(browse: Browse, prefixed: Platform) -> None:
    page = browse(prefixed)
    page.keyboard.press("Control+Period")
    page.get_by_text("Dark", exact=True).click()
    assert 'data-theme="dark"' in page.request.get(page.url).text()
