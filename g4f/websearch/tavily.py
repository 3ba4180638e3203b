"""Tavily."""

from __future__ import annotations

from msgspec import Struct

from g4f.config import Secret, Settings
from g4f.requests import StreamSession
from g4f.websearch.engine import Region, Result, collect, read

_MOST = 20
"""Results that one request may ask for."""


class _Hit(Struct, frozen=True):
    title: str | None = None
    url: str | None = None
    content: str | None = None


class _Answer(Struct, frozen=True):
    results: list[_Hit]


class Tavily:
    """Ask the Tavily Search API, which takes no language, and countries only by their long names, so the region is left out.

    https://docs.tavily.com/documentation/api-reference/endpoint/search
    """

    name = "Tavily"

    def __init__(self, key: Secret, base_url: str = "https://api.tavily.com") -> None:
        self._key = key
        self._url = f"{base_url}/search"

    async def search(self, query: str, *, limit: int, region: Region) -> list[Result]:
        """Return the best results, 20 at most."""
        headers = {"Authorization": f"Bearer {self._key.reveal()}"}
        body = {"query": query, "max_results": min(limit, _MOST), "search_depth": "basic"}
        async with StreamSession(headers) as session, session.post(self._url, json=body) as response:
            answer = await read(response, _Answer)
        return collect(((hit.title, hit.url, hit.content) for hit in answer.results), limit)


def connect(settings: Settings) -> Tavily | None:
    """Return the engine when the settings hold its key."""
    return Tavily(settings.tavily_key) if settings.tavily_key else None
