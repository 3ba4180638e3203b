"""Brave Search."""

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
    description: str | None = None


class _Web(Struct, frozen=True):
    results: list[_Hit] = []


class _Answer(Struct, frozen=True):
    web: _Web = _Web()


class Brave:
    """Ask the Brave Search API.

    https://api-dashboard.search.brave.com/app/documentation/web-search/get-started
    """

    name = "Brave"

    def __init__(self, key: Secret, base_url: str = "https://api.search.brave.com") -> None:
        self._key = key
        self._url = f"{base_url}/res/v1/web/search"

    async def search(self, query: str, *, limit: int, region: Region) -> list[Result]:
        """Return the best results, 20 at most."""
        params = {"q": query, "count": str(min(limit, _MOST)), "text_decorations": "false"}
        preferred = {"country": region.country.upper(), "search_lang": region.language}
        params |= {name: value for name, value in preferred.items() if value}
        headers = {"X-Subscription-Token": self._key.reveal(), "Accept": "application/json"}
        async with StreamSession(headers) as session, session.get(self._url, params=params) as response:
            answer = await read(response, _Answer)
        return collect(((hit.title, hit.url, hit.description) for hit in answer.web.results), limit)


def connect(settings: Settings) -> Brave | None:
    """Return the engine when the settings hold its key."""
    return Brave(settings.brave_key) if settings.brave_key else None
