"""Fixtures: a browser, pages in it that are watched, and the platform they come from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.person import delete_chats, home, visit, watch
from tests.servers.openai import FINISH, TRANSCRIPTS, OpenaiServer
from tests.servers.platform import Platform
from tests.servers.process import Process

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MODELS = [*TRANSCRIPTS, *FINISH, "echo", "hang", "stall", "cut", "fail-401", "fail-429", "fail-3-times"]
PATIENCE = 10_000
"""Milliseconds that something may take before a test gives up; nothing is waited for longer than it takes."""
Browse = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for this folder; it closes with it, for its event loop keeps other tests from running theirs."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browse(browser: Browser) -> Iterator[Browse]:
    """A function that opens the page of a platform in a fresh context; the page must do nothing wrong until the end.

    The first page of a platform finds no chats, whatever the tests before it have left.
    """
    contexts, faults, known = [], [], set()

    def open_page(platform: Platform | Process, path: str = "", **options: Any) -> Page:
        if platform not in known:
            known.add(platform)
            delete_chats(platform)
        context = browser.new_context(**{"locale": "en-US", "permissions": ["clipboard-read", "clipboard-write"], **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        faults.append(watch(context, platform.base_url))
        page = context.new_page()
        visit(page, home(platform) + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [fault for each in faults for fault in each] == []


@pytest.fixture(scope="package")
def upstream() -> Iterator[OpenaiServer]:
    """An OpenAI-compatible server, one for this folder."""
    with OpenaiServer() as server:
        yield server


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory, upstream: OpenaiServer) -> Iterator[Platform]:
    """The platform with that server connected as ``scenario``, one for this folder; each context is a browser of its own."""
    servers = {"scenario": {"base_url": upstream.base_url, "models": list(dict.fromkeys(MODELS))}}
    with Platform(tmp_path_factory.mktemp("e2e") / "data", servers=servers) as server:
        yield server


@pytest.fixture
def page(browse: Browse, platform: Platform) -> Page:
    """The page in English on a wide screen."""
    return browse(platform)
