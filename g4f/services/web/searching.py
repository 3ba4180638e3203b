"""Pages and searches: what people and models read of the web."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count, zip_longest
from typing import Any

from msgspec import Struct, structs

from g4f.config import Settings
from g4f.errors import G4FError, UnreadableError, WebSearchError
from g4f.providers.wire import Source
from g4f.services.web import documents
from g4f.services.web.asked import SearchRequest, to_query
from g4f.services.web.documents import PAGE_SECONDS, Document
from g4f.services.web.passages import Best, fitting, leading
from g4f.websearch import Engine, Region, Result, find_engine

ReadDocument = Callable[[bytes, str, str], Awaitable[str]]
"""Read the text of a stranger's document from its bytes, name and media type; raises G4FError."""

MOST_PAGES = 5
"""Pages that one search reads; further results keep what the engine says of them."""
_KEPT = 64
"""Searches that are remembered."""


class WebPage(Struct, frozen=True):
    """Be the readable text of one page; ``url`` is where redirects led."""

    url: str
    title: str
    text: str


class Failure(Struct, frozen=True):
    """Be a page that could not be read; ``reason`` is a whole sentence that names it, with the ``values`` in it."""

    url: str
    reason: str
    values: Mapping[str, Any] = {}


class Search(Struct, frozen=True):
    """Be what a search found; the sources of ``failures`` hold the engine's snippet instead of the page's text."""

    query: str
    engine: str
    sources: tuple[Source, ...]
    failures: tuple[Failure, ...] = ()


class Web:
    """Read pages and search; everything runs on the event loop.

    ``read_document`` keeps what strangers wrote out of this process, ``best`` is called in a thread. Searches are remembered
    for the day of ``today``.
    """

    def __init__(
        self,
        settings: Settings,
        read_document: ReadDocument,
        best: Best = fitting,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._settings = settings
        self._allowed = frozenset(map(str.lower, settings.web_allowed_hosts))
        self._read_document = read_document
        self._best = best
        self._today = today
        self._remembered: OrderedDict[tuple[date, SearchRequest], Search] = OrderedDict()

    async def fetch(self, url: str, *, seconds: float = PAGE_SECONDS) -> WebPage:
        """Return the readable text of a page; raises WebSearchError, which says why there is none.

        ``seconds`` bounds the network; reading has its own limits.
        """
        return await self.read(await self.document(url, seconds=seconds))

    async def document(self, url: str, *, seconds: float = PAGE_SECONDS) -> Document:
        """Return a page as it came; raises WebSearchError."""
        return await documents.fetch(url, self._allowed, seconds)

    async def read(self, document: Document) -> WebPage:
        """Return the readable text of a page that came; raises WebSearchError when there is none."""
        try:
            text = (await self._read_document(document.marked(), document.name, document.media_type)).strip()
        except G4FError as error:
            raise documents.unread(document.url, error) from error
        if not text:
            raise documents.unread(document.url, UnreadableError("it holds no text.", "empty"))
        return WebPage(document.url, document.title, text)

    async def search(self, request: SearchRequest, question: str = "") -> Search:
        """Return what the engine finds, with the text of the first pages; ``words`` bounds all of it together.

        Without a query the first line of the question is one. Raises WebSearchError: there is nothing to search for, no engine
        is set up, it does not answer, it refuses, it finds nothing.
        """
        wanted = structs.replace(request, query=to_query(request.query) or to_query(question))
        key = (self._today(), wanted)
        if key not in self._remembered:
            self._remembered[key] = await self._search(wanted)
        self._remembered.move_to_end(key)
        while len(self._remembered) > _KEPT:
            self._remembered.popitem(last=False)
        return self._remembered[key]

    async def _search(self, request: SearchRequest) -> Search:
        engine = find_engine(self._settings)
        if engine is None:
            raise WebSearchError(_not_set_up(self._settings))
        if not request.query:
            raise WebSearchError("There is nothing to search for: the question holds no words.")
        found = await _ask(engine, request)
        pages = await asyncio.gather(*(self._page(result.url, request.seconds) for result in found[:MOST_PAGES] if request.add_text))
        texts = [page.text if isinstance(page, WebPage) else hit.snippet for hit, page in zip_longest(found, pages)]
        shortened = await asyncio.to_thread(self._shorten, request, texts)
        failures = tuple(page for page in pages if isinstance(page, Failure))
        return Search(request.query, engine.name, tuple(map(_source, count(1), found, shortened)), failures)

    async def _page(self, url: str, seconds: float) -> WebPage | Failure:
        try:
            return await self.fetch(url, seconds=seconds)
        except WebSearchError as error:
            return Failure(url, str(error), error.values)

    def _shorten(self, request: SearchRequest, texts: Sequence[str]) -> list[str]:
        return leading(request.query, self._best(request.query, texts, request.words), request.words)  # whatever ``best`` returns


def _not_set_up(settings: Settings) -> str:
    named = f" `web_search` names {settings.web_search}, whose own setting is missing." if settings.web_search else ""
    return f'Web search is not set up.{named} Set `searxng_url`, `brave_key` or `tavily_key`, or `web_search = "duckduckgo"`.'


def _source(number: int, hit: Result, text: str) -> Source:
    return Source(number, hit.title, text, url=hit.url)


async def _ask(engine: Engine, request: SearchRequest) -> list[Result]:
    try:
        async with asyncio.timeout(request.seconds):
            found = await engine.search(request.query, limit=request.limit, region=Region.of(request.region))
    except TimeoutError as error:
        values = {"reason": "search_slow", "engine": engine.name, "seconds": request.seconds}
        raise WebSearchError(f"{engine.name} did not answer within {request.seconds:g} seconds.", values=values) from error
    except G4FError as error:
        values = {"reason": "search_failed", "engine": engine.name, "causes": [error.said]}
        raise WebSearchError(f"The web could not be searched with {engine.name}: {error}", values=values) from error
    if not found:
        values = {"reason": "search_empty", "engine": engine.name, "query": request.query}
        raise WebSearchError(f"{engine.name} found nothing for {request.query!r}. Try other words.", values=values)
    return found
