"""A SearXNG; the query chooses what it does.

``page`` (a web page instead of JSON), ``off`` (403, as where JSON is not switched on), ``busy`` (429), ``broken`` (half a JSON
document), ``odd`` (JSON of another form), ``empty``, ``mute`` (empty, for its own engines did not answer), ``long`` (no end),
``hang`` (no answer). Any other query finds ``results``: title, address and snippet of each.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from tests.servers.http import Answer, Call, HttpServer

PAGE = b"<!doctype html><html><head><title>SearXNG</title></head><body>No JSON here</body></html>"


class SearxngServer(HttpServer):
    """Serve ``/search?q=...&format=json``."""

    def __init__(self, results: Sequence[tuple[str, str, str]] = ()) -> None:
        super().__init__(self._search)
        self.results = list(results)

    @property
    def asked(self) -> list[dict[str, str]]:
        """The parameters of each search."""
        return [{name: values[0] for name, values in parse_qs(urlsplit(call.target).query).items()} for call in self.calls]

    async def _search(self, call: Call, answer: Answer) -> None:
        query = parse_qs(urlsplit(call.target).query).get("q", [""])[0]
        match query:
            case _ if call.path != "/search":
                await answer.reply(404, b"not found")
            case "page":
                await answer.reply(200, PAGE, "text/html")
            case "off":
                await answer.reply(403, PAGE, "text/html")
            case "busy":
                await answer.reply(429, b"Too Many Requests")
            case "broken":
                await answer.reply(200, b'{"results": [{"title": "Vol', "application/json")
            case "odd":
                await answer.reply_json({"results": "none"})
            case "empty":
                await answer.reply_json(_document(query, []))
            case "mute":
                await answer.reply_json(_document(query, []) | {"unresponsive_engines": [["bing", "timeout"], ["google", "CAPTCHA"]]})
            case "long":
                await _write_endlessly(answer)
            case "hang":
                await asyncio.Event().wait()
            case _:
                await answer.reply_json(_document(query, self.results))


def _document(query: str, results: Sequence[tuple[str, str, str]]) -> dict[str, object]:
    found = [{"title": title, "url": url, "content": content, "engine": "bing", "score": 1.0} for title, url, content in results]
    others: dict[str, object] = {"answers": [], "corrections": [], "infoboxes": [], "suggestions": [], "unresponsive_engines": []}
    return {"query": query, "number_of_results": 0, "results": found, **others}


async def _write_endlessly(answer: Answer) -> None:
    await answer.start(headers={"content-type": "application/json"})
    await answer.send(b'{"results": [')
    while True:
        await answer.send(json.dumps({"title": "x" * 60_000}).encode() + b",")
