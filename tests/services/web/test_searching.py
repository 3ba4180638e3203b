"""A search finds, reads and numbers pages, within its words; what fails is said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest

from g4f.config import Settings
from g4f.errors import UnreadableError, WebSearchError
from g4f.providers.wire import Source
from g4f.services.web import Search, SearchRequest, Web
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.searxng import SearxngServer
from tests.servers.website import LAKES, RIVERS, Website
from tests.services.web.reading import read_document, web


@pytest.fixture
def site() -> Iterator[Website]:
    """A web site."""
    with Website() as website:
        yield website


@pytest.fixture
def searxng(site: Website) -> Iterator[SearxngServer]:
    """A SearXNG that knows the site: two articles, one behind a redirect, and a dead page."""
    with SearxngServer(results(site, "/rivers", "/to//lakes", "/missing")) as server:
        yield server


def results(site: Website, *paths: str) -> list[tuple[str, str, str]]:
    """Return what an engine says of these pages."""
    return [(f"Title of {path}", f"{site.origin}{path}", f"Snippet of {path}") for path in paths]


def search(site: Website, searxng: SearxngServer, request: SearchRequest | str = "rivers") -> Search:
    """Search once."""
    wanted = SearchRequest(request) if isinstance(request, str) else request
    return asyncio.run(web(site, searxng_url=searxng.origin).search(wanted))


def test_results_hold_the_text_of_their_pages_and_their_numbers(site: Website, searxng: SearxngServer) -> None:
    found = search(site, searxng)
    assert [(source.number, source.title, source.url) for source in found.sources] == [
        (1, "Title of /rivers", f"{site.origin}/rivers"),
        (2, "Title of /to//lakes", f"{site.origin}/to//lakes"),
        (3, "Title of /missing", f"{site.origin}/missing"),
    ]
    assert RIVERS in found.sources[0].text
    assert LAKES in found.sources[1].text


def test_a_page_that_is_dead_is_named_and_keeps_its_snippet(site: Website, searxng: SearxngServer) -> None:
    found = search(site, searxng)
    url = f"{site.origin}/missing"
    [failure] = found.failures
    assert (failure.url, failure.reason) == (url, f"{url} could not be read: its server answered 404.")
    assert failure.values["causes"][0]["values"] == {"reason": "page_answered", "status": 404}
    assert found.sources[2] == Source(3, "Title of /missing", "Snippet of /missing", url=url)


def test_a_result_that_leads_inside_is_not_opened(site: Website, searxng: SearxngServer) -> None:
    with Website() as canary:
        searxng.results = results(canary, "/rivers")
        found = search(site, searxng)
    assert not canary.connections
    assert found.sources[0].text == "Snippet of /rivers"
    assert len(found.failures) == 1


def test_snippets_are_enough_where_no_text_is_wanted(site: Website, searxng: SearxngServer) -> None:
    found = search(site, searxng, SearchRequest("rivers", add_text=False))
    assert [source.text for source in found.sources] == ["Snippet of /rivers", "Snippet of /to//lakes", "Snippet of /missing"]
    assert not site.connections


@pytest.mark.parametrize("limit", [1, 2])
def test_no_more_results_are_kept_than_wanted(site: Website, searxng: SearxngServer, limit: int) -> None:
    assert len(search(site, searxng, SearchRequest("rivers", limit=limit)).sources) == limit


def test_five_pages_are_opened_and_the_rest_keep_their_snippets(site: Website, searxng: SearxngServer) -> None:
    searxng.results = results(site, *(f"/page/{number}" for number in range(8)))
    found = search(site, searxng, SearchRequest("rivers", limit=8))
    assert sorted(site.paths) == [f"/page/{number}" for number in range(5)]
    assert [source.text for source in found.sources[5:]] == [f"Snippet of /page/{number}" for number in range(5, 8)]


def test_pages_are_fetched_at_the_same_time(searxng: SearxngServer) -> None:
    everybody = asyncio.Barrier(5)

    async def wait_for_all(call: Call, answer: Answer) -> None:
        await everybody.wait()
        await answer.reply(200, b"Everybody is here.")

    with HttpServer(wait_for_all) as server:
        searxng.results = [("", f"{server.origin}/{number}", "") for number in range(5)]
        settings = Settings(searxng_url=searxng.origin, web_allowed_hosts=(f"127.0.0.1:{server.port}",))
        found = asyncio.run(Web(settings, read_document).search(SearchRequest("rivers")))
    assert [source.text for source in found.sources] == ["Everybody is here."] * 5


def test_the_words_of_all_results_together_are_bounded(site: Website, searxng: SearxngServer) -> None:
    found = search(site, searxng, SearchRequest("rivers", words=12))
    assert sum(len(source.text.split()) for source in found.sources) == 12
    assert found.sources[2].text == "Snippet of /missing"


def test_the_words_are_bounded_whoever_chooses_the_parts(site: Website, searxng: SearxngServer) -> None:
    settings = Settings(searxng_url=searxng.origin, web_allowed_hosts=(site.host,))
    choosing_all = Web(settings, read_document, lambda query, texts, words: texts)
    found = asyncio.run(choosing_all.search(SearchRequest("rivers", words=12)))
    assert sum(len(source.text.split()) for source in found.sources) == 12


def test_the_parts_that_suit_the_query_are_chosen_by_who_can(site: Website, searxng: SearxngServer) -> None:
    def longest_words(query: str, texts: Sequence[str], words: int) -> list[str]:
        asked.append((query, len(texts), words))
        return [max(text.split(), key=len) for text in texts]

    asked: list[tuple[str, int, int]] = []
    settings = Settings(searxng_url=searxng.origin, web_allowed_hosts=(site.host,))
    found = asyncio.run(Web(settings, read_document, longest_words).search(SearchRequest("rivers")))
    assert asked == [("rivers", 3, 2500)]
    assert [source.text for source in found.sources] == ["kilometres", "Baikal", "/missing"]


def test_a_search_is_remembered_for_its_day_and_its_words(site: Website, searxng: SearxngServer) -> None:
    async def scenario() -> None:
        searching = Web(Settings(searxng_url=searxng.origin), read_document, today=lambda: days[-1])
        for query in ("rivers", "lakes", "rivers"):
            await searching.search(SearchRequest(query, add_text=False))
        days.append(date(2030, 1, 2))
        await searching.search(SearchRequest("rivers", add_text=False))

    days = [date(2030, 1, 1)]
    asyncio.run(scenario())
    assert [asked["q"] for asked in searxng.asked] == ["rivers", "lakes", "rivers"]


def test_a_search_that_failed_is_not_remembered(site: Website, searxng: SearxngServer) -> None:
    async def scenario() -> Search:
        searching, request = web(site, searxng_url=searxng.origin), SearchRequest("rivers", add_text=False)
        known, searxng.results = searxng.results, []
        with pytest.raises(WebSearchError):
            await searching.search(request)
        searxng.results = known
        return await searching.search(request)

    assert len(asyncio.run(scenario()).sources) == 3


def test_only_so_many_searches_are_remembered(site: Website, searxng: SearxngServer) -> None:
    async def scenario() -> None:
        searching = web(site, searxng_url=searxng.origin)
        for query in ("first", *map(str, range(64)), "first"):
            await searching.search(SearchRequest(query, add_text=False))

    asyncio.run(scenario())
    assert len(searxng.asked) == 66


@pytest.mark.parametrize("given", ["", "\n  How long is\tthe Volga? \n(a query)"])
def test_the_query_is_the_first_line_of_what_was_given_or_asked(site: Website, searxng: SearxngServer, given: str) -> None:
    searching = web(site, searxng_url=searxng.origin)
    found = asyncio.run(searching.search(SearchRequest(given, add_text=False), "How long is the Volga?\nPlease be brief."))
    assert found.query == searxng.asked[0]["q"] == "How long is the Volga?"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("page", "could not be searched with SearXNG: .*web page where JSON"),
        ("busy", "429"),
        ("broken", "cannot be read"),
        ("empty", "SearXNG found nothing for 'empty'"),
        ("", "nothing to search for"),
    ],
)
def test_a_search_that_fails_says_why(site: Website, searxng: SearxngServer, query: str, words: str) -> None:
    with pytest.raises(WebSearchError, match=words):
        search(site, searxng, query)


@pytest.mark.parametrize("query", ["hang", "long"])
def test_an_engine_is_not_awaited_longer_than_wanted(site: Website, searxng: SearxngServer, query: str) -> None:
    with pytest.raises(WebSearchError, match=r"SearXNG did not answer within 0\.3 seconds|longer than"):
        search(site, searxng, SearchRequest(query, seconds=0.3))
    assert searxng.call().wait().aborted_at


def test_an_engine_that_is_gone_is_said(site: Website) -> None:
    with SearxngServer() as gone:
        pass
    with pytest.raises(WebSearchError, match="refuses connections"):
        search(site, gone)


@pytest.mark.parametrize(("config", "words"), [({}, "not set up. Set `searxng_url`"), ({"web_search": "brave"}, "names brave")])
def test_a_search_without_an_engine_says_what_to_set(monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], words: str) -> None:
    monkeypatch.delenv("SEARXNG_URL", raising=False)
    with pytest.raises(WebSearchError, match=words):
        asyncio.run(web(**config).search(SearchRequest("rivers")))


def test_a_page_that_cannot_be_read_is_named_with_the_reason(site: Website) -> None:
    async def refuse(data: bytes, name: str, media_type: str) -> str:
        raise UnreadableError(f"{name} is damaged.")

    reading = Web(Settings(web_allowed_hosts=(site.host,)), refuse)
    with pytest.raises(WebSearchError, match=r"/rivers could not be read: page\.html is damaged"):
        asyncio.run(reading.fetch(f"{site.origin}/rivers"))
