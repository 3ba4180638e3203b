"""Searching the web in a conversation: what is found is cited, and what fails is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform, question, said
from tests.servers.searxng import SearxngServer
from tests.servers.website import RIVERS, Website

V2 = "/backend-api/v2"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with a SearXNG that knows a page behind a redirect and a dead one."""
    with Website() as site, OpenaiServer() as upstream:
        pages = [("Rivers", f"{site.origin}/to//rivers", "About rivers."), ("Gone", f"{site.origin}/missing", "It was here.")]
        with SearxngServer(pages) as engine:
            settings: dict[str, Any] = {
                "searxng_url": engine.origin, "web_allowed_hosts": [site.origin.partition("//")[2]],
                "servers": {"scenario": {"base_url": upstream.base_url, "models": ["echo"]}},
            }  # fmt: skip
            with Platform(tmp_path_factory.mktemp("web") / "data", **settings) as platform:
                yield platform


def sources(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [source for chunk in chunks if chunk["type"] == "sources" for source in chunk["sources"]]


@pytest.mark.parametrize("asked", [{"web_search": True}, {"web_search": "rivers"}, {"tool_calls": [{"function": {
    "name": "search_tool", "arguments": '{"query": "rivers", "max_results": 1}'}}]}])  # fmt: skip
def test_what_is_found_is_given_to_the_model_and_cited(server: Platform, asked: dict[str, Any]) -> None:
    chunks = server.chunks(question("How long is the Volga?", provider="scenario", model="echo", **asked))
    first = sources(chunks)[0]
    assert (first["number"], first["title"], first["file_id"]) == (1, "Rivers", None)
    assert RIVERS in said(chunks)
    assert f"> [1] [Rivers]({first['url']})" in said(chunks)


def test_a_page_that_cannot_be_read_is_said(server: Platform) -> None:
    chunks = server.chunks(question("rivers", provider="scenario", model="echo", web_search=True))
    assert ["missing" in chunk["message"] for chunk in chunks if chunk["type"] == "message"] == [True]


@pytest.mark.parametrize("query", ["busy", "empty", "broken"])
def test_a_search_that_fails_is_said_and_the_answer_goes_on(server: Platform, query: str) -> None:
    chunks = server.chunks(question("How long is the Volga?", provider="scenario", model="echo", web_search=query))
    assert [chunk["error"] for chunk in chunks if chunk["type"] == "message"] == ["WebSearchError"]
    assert said(chunks) == "How long is the Volga?"


def test_a_search_that_is_not_set_up_says_which_settings_would_do(lonely: Platform) -> None:
    (told,) = [chunk for chunk in lonely.chunks(question(provider="Offline", web_search=True)) if chunk["type"] == "message"]
    assert "searxng_url" in told["message"]


def test_the_page_is_told_whether_the_web_can_be_searched(server: Platform, lonely: Platform) -> None:
    assert server.get(f"{V2}/web").json() == {"search": "SearXNG"}
    assert lonely.get(f"{V2}/web").json() == {"search": None}


def test_in_a_chat_the_pages_are_kept_with_the_answer(server: Platform) -> None:
    chat = server.post({}, f"{V2}/chats").json()["id"]
    chunks = server.chunks(question("How long is the Volga?", chat_id=chat, provider="scenario", model="echo", web_search="rivers"))
    _, answer = server.get(f"{V2}/chats/{chat}").json()["messages"]
    assert answer["citations"] == sources(chunks)
    assert not said(chunks).endswith(")")  # no list at the end: the page shows one of its own
