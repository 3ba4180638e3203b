"""SearXNG, a search engine to host oneself."""

from __future__ import annotations

import os

from msgspec import Struct

from g4f.config import Settings
from g4f.errors import ResponseError
from g4f.requests import StreamSession
from g4f.websearch.engine import Region, Result, collect, read


class _Hit(Struct, frozen=True):
    title: str | None = None
    url: str | None = None
    content: str | None = None


class _Answer(Struct, frozen=True):
    results: list[_Hit]
    unresponsive_engines: list[tuple[str, str]] = []


class Searxng:
    """Ask a SearXNG at its base address.

    https://docs.searxng.org/dev/search_api.html
    """

    name = "SearXNG"

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url.rstrip('/')}/search"

    async def search(self, query: str, *, limit: int, region: Region) -> list[Result]:
        """Return the best results; raises ResponseError when nothing was found because the engines behind it did not answer."""
        params = {"q": query, "format": "json"}
        if region.language:
            params["language"] = "-".join(filter(None, (region.language, region.country.upper())))
        async with StreamSession() as session, session.get(self._url, params=params) as response:
            if response.status == 403:  # so it answers where a format is off
                raise ResponseError(f"{response.host} refuses JSON. Add `json` to `search.formats` in the settings.yml of SearXNG.")
            answer = await read(response, _Answer)
        if not answer.results and answer.unresponsive_engines:
            reasons = ", ".join(f"{engine} ({reason})" for engine, reason in answer.unresponsive_engines)
            raise ResponseError(f"None of its engines answered: {reasons[:300]}.")
        return collect(((hit.title, hit.url, hit.content) for hit in answer.results), limit)


def connect(settings: Settings) -> Searxng | None:
    """Return the SearXNG of the settings or else of ``SEARXNG_URL``, which gpt4free reads too."""
    base_url = settings.searxng_url or os.environ.get("SEARXNG_URL", "")
    return Searxng(base_url) if base_url else None
