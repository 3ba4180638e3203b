"""SearXNG: what is asked, what comes back, and what can go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from g4f.errors import ConnectionFailedError, G4FError, RateLimitError, ResponseError
from g4f.websearch import Region, Result
from g4f.websearch.searxng import Searxng
from tests.servers.searxng import SearxngServer

RESULTS = [(f"Page {number}", f"http://example.org/{number}", f"Snippet {number}") for number in range(8)]


@pytest.fixture
def server() -> Iterator[SearxngServer]:
    """A SearXNG with eight results."""
    with SearxngServer(RESULTS) as searxng:
        yield searxng


def search(server: SearxngServer, query: str, *, limit: int = 5, region: str = "") -> list[Result]:
    """Search once."""
    return asyncio.run(Searxng(f"{server.origin}/").search(query, limit=limit, region=Region.of(region)))


def test_the_best_results_are_returned_in_their_order(server: SearxngServer) -> None:
    assert search(server, "rivers", limit=3) == [Result(*result) for result in RESULTS[:3]]


def test_the_query_is_sent_as_it_is(server: SearxngServer) -> None:
    search(server, "C++ & Волга #1?")
    assert server.asked == [{"q": "C++ & Волга #1?", "format": "json"}]


@pytest.mark.parametrize(("region", "language"), [("ru-ru", "ru-RU"), ("en", "en")])
def test_the_region_becomes_a_language(server: SearxngServer, region: str, language: str) -> None:
    search(server, "rivers", region=region)
    assert server.asked[0]["language"] == language


def test_nothing_found_is_an_empty_list(server: SearxngServer) -> None:
    assert search(server, "empty") == []


@pytest.mark.parametrize(
    ("query", "kind", "words"),
    [
        ("page", ResponseError, "web page where JSON"),
        ("off", ResponseError, "search.formats"),
        ("busy", RateLimitError, "429"),
        ("broken", ResponseError, "cannot be read"),
        ("odd", ResponseError, "cannot be read"),
        ("mute", ResponseError, r"bing \(timeout\), google \(CAPTCHA\)"),
        ("long", ResponseError, "longer than 2097152 bytes"),
    ],
)
def test_what_is_wrong_is_said(server: SearxngServer, query: str, kind: type[G4FError], words: str) -> None:
    with pytest.raises(kind, match=words):
        search(server, query)


def test_a_server_that_is_gone_is_said() -> None:
    with SearxngServer() as server:
        pass
    with pytest.raises(ConnectionFailedError, match="refuses connections"):
        search(server, "rivers")
