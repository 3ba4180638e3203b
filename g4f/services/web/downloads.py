"""The pages that gpt4free's ``downloads.json`` names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import msgspec
from msgspec import Struct

from g4f.errors import ValidationError, WebSearchError
from g4f.services.web.searching import Failure, Web, WebPage

MOST_DOWNLOADS = 50
_AT_ONCE = 5


class _Entry(Struct, frozen=True):
    """Be one entry; ``max_depth`` counts links to follow. ``proxy``, ``timeout``, ``delay`` and ``group_size`` are ours to choose."""

    url: str = ""
    urls: list[str] = []
    max_depth: int | None = None


async def download(web: Web, spec: bytes) -> AsyncGenerator[WebPage | Failure]:
    """Yield the pages of a ``downloads.json``, 50 at most, and what became of those that cannot be read.

    Links are followed on the same host only, and no further than one. Raises ValidationError when the file cannot be read.
    """
    met: set[str] = set()
    for entry in _read(spec):
        level = [url for url in (entry.url, *entry.urls) if url]
        for _ in range(2 if (entry.max_depth or 0) > 0 else 1):
            new = [url for url in dict.fromkeys(level) if url not in met]
            taken, missed = new[: (room := MOST_DOWNLOADS - len(met))], new[room:]
            met.update(taken)
            level = []
            for start in range(0, len(taken), _AT_ONCE):
                for outcome, links in await asyncio.gather(*(_fetch(web, url) for url in taken[start : start + _AT_ONCE])):
                    yield outcome
                    level += links
            if missed:
                yield Failure(missed[0], f"{missed[0]} and {len(missed) - 1} more were left out: {MOST_DOWNLOADS} pages are the most.")
                return


def _read(spec: bytes) -> list[_Entry]:
    try:
        entries = msgspec.json.decode(spec, type=list[_Entry] | _Entry, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValidationError(f'downloads.json should be a list such as [{{"url": "https://example.org"}}]: {error}.') from error
    return entries if isinstance(entries, list) else [entries]


async def _fetch(web: Web, url: str) -> tuple[WebPage | Failure, list[str]]:
    try:
        document = await web.document(url)
        return await web.read(document), document.links()
    except WebSearchError as error:
        return Failure(url, str(error)), []
