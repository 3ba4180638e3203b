"""Brave and Tavily: the engines behind a key."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from g4f.config import Secret
from g4f.errors import MissingAuthError
from g4f.websearch import Region, Result
from g4f.websearch.brave import Brave
from g4f.websearch.tavily import Tavily
from tests.servers.http import Answer, Call, Handler, HttpServer

KEY = Secret("BSA-very-secret")
RUSSIA = Region("ru", "ru")


def saying(document: Any, status: int = 200) -> Handler:
    """Make a handler that answers every call alike."""

    async def handle(call: Call, answer: Answer) -> None:
        await answer.reply_json(document, status)

    return handle


def test_brave_is_asked_as_its_documentation_says() -> None:
    hits = [
        {"title": "The &quot;Volga&quot;", "url": "http://a.example/", "description": "A <strong>river</strong>"},
        {"title": "no address"},
    ]
    with HttpServer(saying({"type": "search", "web": {"type": "search", "results": hits}})) as server:
        found = asyncio.run(Brave(KEY, server.origin).search("Volga", limit=30, region=RUSSIA))
    assert found == [Result('The "Volga"', "http://a.example/", "A river")]
    assert server.call().headers["x-subscription-token"] == KEY.reveal()
    assert server.call().target == "/res/v1/web/search?q=Volga&count=20&text_decorations=false&country=RU&search_lang=ru"


def test_brave_without_web_results_finds_nothing() -> None:
    with HttpServer(saying({"type": "search"})) as server:
        assert asyncio.run(Brave(KEY, server.origin).search("Volga", limit=5, region=Region())) == []


def test_tavily_is_asked_as_its_documentation_says() -> None:
    hits = [{"title": "Volga", "url": "http://a.example/", "content": "A river", "score": 0.9}]
    with HttpServer(saying({"query": "Volga", "results": hits, "response_time": 1})) as server:
        found = asyncio.run(Tavily(KEY, server.origin).search("Volga", limit=3, region=RUSSIA))
    assert found == [Result("Volga", "http://a.example/", "A river")]
    call = server.call()
    assert (call.method, call.path, call.headers["authorization"]) == ("POST", "/search", f"Bearer {KEY.reveal()}")
    assert call.json == {"query": "Volga", "max_results": 3, "search_depth": "basic"}


@pytest.mark.parametrize("engine", [Brave, Tavily])
def test_a_key_that_is_refused_is_not_repeated(engine: type[Brave | Tavily]) -> None:
    document = {"error": {"message": f"The token {KEY.reveal()} is not valid"}}
    with HttpServer(saying(document, 401)) as server, pytest.raises(MissingAuthError, match="check the key") as caught:
        asyncio.run(engine(KEY, server.origin).search("Volga", limit=5, region=Region()))
    assert KEY.reveal() not in str(caught.value)
