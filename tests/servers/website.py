"""A web site; the path chooses the page.

``/rivers`` ``/lakes`` (articles), ``/cyrillic`` (windows-1251, said by the head alone), ``/declared`` (windows-1251, said by the page
alone), ``/strange`` (says an encoding that pages do not have), ``/note.txt``, ``/linked`` (links to ``/rivers``, to another site and to
nothing), ``/index/<count>`` (so many links), ``/to/<address>`` (a redirect), ``/loop``, ``/bomb`` (compressed unasked), ``/endless``,
``/picture``, ``/empty``, ``/hang``. Any other is 404.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from types import MappingProxyType

from tests.servers.http import Answer, Call, HttpServer

RIVERS = "The Volga is 3,530 kilometres long and flows into the Caspian Sea."
LAKES = "Lake Baikal holds a fifth of the fresh water of the world and is 1,642 metres deep."
CYRILLIC = "Волга впадает в Каспийское море, а её длина составляет 3530 километров."
_HTML = "text/html; charset=utf-8"


def article(title: str, *paragraphs: str, head: str = "") -> str:
    """Return a page with an article between a menu and a footer."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html><head>{head}<title>{title}</title><script>var menu = 'script text';</script></head><body>"
        f"<nav><ul><li>Home</li></ul></nav><article><h1>{title}</h1>{body}</article><footer>Imprint</footer></body></html>"
    )


PAGES: Mapping[str, tuple[str, bytes]] = MappingProxyType(
    {
        "/rivers": (_HTML, article("Rivers &amp; seas", RIVERS).encode()),
        "/lakes": (_HTML, article("Lakes", LAKES).encode()),
        "/cyrillic": ("text/html; charset=windows-1251", article("Реки", CYRILLIC).encode("cp1251")),
        "/declared": ("text/html", article("Реки", CYRILLIC, head='<meta charset="windows-1251">').encode("cp1251")),
        "/strange": ("text/html; charset=punycode", article("Rivers", RIVERS).encode()),
        "/note.txt": ("text/plain; charset=koi8-r", CYRILLIC.encode("koi8-r")),
        "/picture": ("image/png", b"\x89PNG\r\n\x1a\n"),
        "/empty": (_HTML, b"<html><body></body></html>"),
        "/linked": (
            _HTML,
            article(
                "Contents",
                'Read about <a href="/rivers#length">rivers</a>, <a class="x" href=\'http://elsewhere.example/\'>others</a>,',
                '<a href="mailto:me@example.org">write</a>, or <a href="http://[">stay</a>, this page being a table of contents.',
            ).encode(),
        ),
    }
)


class Website(HttpServer):
    """Serve these pages."""

    def __init__(self) -> None:
        super().__init__(self._show)

    @property
    def host(self) -> str:
        """The host as the setting ``web_allowed_hosts`` names it."""
        return f"127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in its order."""
        return [call.target for call in self.calls]

    async def _show(self, call: Call, answer: Answer) -> None:
        match call.target.split("/", 2)[1:]:
            case ["to", target]:
                await answer.reply(302, b"", headers={"location": target})
            case ["loop"]:
                await answer.reply(302, b"", headers={"location": "/loop"})
            case ["index", count]:
                links = "".join(f'<a href="/page/{number}">{number}</a> ' for number in range(int(count)))
                await answer.reply(200, article("Index", f"Pages: {links}").encode(), _HTML)
            case ["page", number]:
                await answer.reply(200, article(f"Page {number}", f"This is page {number} of a long index.").encode(), _HTML)
            case ["bomb"]:
                await answer.reply(200, gzip.compress(bytes(10_000_000)), _HTML, {"content-encoding": "gzip"})
            case ["endless"]:
                await _write_endlessly(answer)
            case ["hang"]:
                await asyncio.Event().wait()
            case _ if call.target in PAGES:
                content_type, body = PAGES[call.target]
                await answer.reply(200, body, content_type)
            case _:
                await answer.reply(404, b"no such page")


async def _write_endlessly(answer: Answer) -> None:
    await answer.start(headers={"content-type": _HTML})
    while True:
        await answer.send(b"<p>and so on</p>" * 4000)
