"""DuckDuckGo's page without scripts, which has neither a key nor a promise; used only where the settings name it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

from g4f.config import Settings
from g4f.errors import ResponseError
from g4f.requests import StreamSession, raise_for_status
from g4f.websearch.engine import MAX_ANSWER, Region, Result, collect

_CLASS = re.compile(r"\bclass=[\"'][^\"']*\bresult__(a|snippet)\b")
_HREF = re.compile(r"\bhref=[\"']([^\"']+)[\"']")


class DuckDuckGo:
    """Read DuckDuckGo's result page; it may ask for a proof that a person is searching, which is said as an error.

    Regions: https://duckduckgo.com/duckduckgo-help-pages/settings/params
    """

    name = "DuckDuckGo"

    def __init__(self, base_url: str = "https://html.duckduckgo.com") -> None:
        self._url = f"{base_url}/html/"

    async def search(self, query: str, *, limit: int, region: Region) -> list[Result]:
        """Return the best results of the first page; advertisements are left out."""
        params = {"q": query}
        if region.country:
            params["kl"] = f"{region.country.replace('gb', 'uk')}-{region.language}"
        async with StreamSession({"Accept": "text/html"}) as session, session.get(self._url, params=params) as response:
            await raise_for_status(response)
            page = (await response.read(MAX_ANSWER)).decode(errors="replace")
        if response.status == 202 or "anomaly-modal" in page:
            raise ResponseError("DuckDuckGo wants a proof that a person is searching. Wait a while, or set up SearXNG, Brave or Tavily.")
        if "result__" not in page and "no-results" not in page:
            raise ResponseError("DuckDuckGo answered with a page that holds no results and does not say so.")
        return collect(_hits(page), limit)


def connect(settings: Settings) -> DuckDuckGo | None:
    """Return the engine when the settings name it."""
    return DuckDuckGo() if settings.web_search == "duckduckgo" else None


def _hits(page: str) -> Iterator[tuple[str, str, str]]:
    """Yield title, address and snippet of each result; the snippet is the next link of its class after the title's."""
    title = url = ""
    for kind, attributes, inside in _links(page):
        if kind == "snippet":
            yield title, url, inside
            url = ""
        else:
            yield title, url, ""  # a result without a snippet, or nothing
            title, url = inside, _target(attributes)
    yield title, url, ""


def _links(page: str) -> Iterator[tuple[str, str, str]]:
    for link in page.split("<a ")[1:]:
        attributes, _, rest = link.partition(">")
        if found := _CLASS.search(attributes):
            yield found[1], attributes, rest.partition("</a>")[0]


def _target(attributes: str) -> str:
    """Return the address behind DuckDuckGo's own counting link; empty for an advertisement."""
    found = _HREF.search(attributes)
    try:
        link = urlsplit(unescape(found[1]) if found else "")
    except ValueError:  # brackets that hold no address
        return ""
    if (link.hostname or "").endswith("duckduckgo.com"):
        return parse_qs(link.query).get("uddg", [""])[0] if link.path == "/l/" else ""
    return link.geturl()
