"""Web pages as their servers send them, fetched through the outbound guard."""

from __future__ import annotations

import asyncio
import codecs
import html
import re
from collections.abc import Collection, Mapping
from email.message import Message
from types import MappingProxyType

from msgspec import Struct
from yarl import URL

from g4f.errors import ForbiddenError, G4FError, ResponseError, WebSearchError
from g4f.requests import Response
from g4f.requests.direct import Sending
from g4f.requests.guard import parse_url
from g4f.requests.request import Request, make_request
from g4f.requests.session import MAX_REDIRECTS

PAGE_SECONDS = 20.0
PAGE_BYTES = 2 * 1024 * 1024
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        "text/html": "html",
        "application/xhtml+xml": "html",
        "text/plain": "txt",
        "text/markdown": "md",
        "application/json": "json",
        "application/pdf": "pdf",
    }
)
"""The media types that are read, and what the names of their files end with."""
_ACCEPT = ", ".join(SUFFIXES) + ", */*;q=0.1"
_USUAL_PORTS = (80, 443)
_CHARSET = re.compile(
    r"utf-?8|utf-16(?:le|be)?|(?:windows-|cp)(?:125[0-8]|866)|iso-8859-\d{1,2}|koi8-[ru]|gb2312|gbk|gb18030|big5|shift[_-]jis|euc-(?:jp|kr)"
)
"""The encodings of pages; Python knows others, some of which take long to decode."""
_META = re.compile(rb"<meta\s[^<>]{0,500}?charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_TITLE = re.compile(r"<title(?:\s[^<>]{0,500})?>([^<]{0,300})", re.IGNORECASE)
_LINK = re.compile(r"<a\s[^<>]{0,500}?\bhref\s?=\s?[\"']?([^\s\"'<>#]{1,2000})", re.IGNORECASE)


class Document(Struct, frozen=True):
    """Be one answer: its address after redirects, its media type, the encoding its server names, if any, and its bytes."""

    url: str
    media_type: str
    charset: str
    data: bytes

    @property
    def name(self) -> str:
        """Return a file name that says the kind and nothing else."""
        return f"page.{SUFFIXES[self.media_type]}"

    @property
    def title(self) -> str:
        """Return the title an HTML page gives itself, else the end of the address; read without a parser, as far as it goes."""
        found = _TITLE.search(self._source()[: 64 * 1024])
        own = " ".join(html.unescape(found[1]).split()) if found else ""
        url = URL(self.url)
        return own or url.name or url.host or self.url

    def marked(self) -> bytes:
        """Return the bytes in UTF-8 with its mark when the server named another encoding: nothing inside a file outranks the mark."""
        if not self.charset or not self.media_type.startswith(("text/", "application/xhtml")):
            return self.data
        return codecs.BOM_UTF8 + self.data.decode(self.charset, errors="replace").removeprefix("\ufeff").encode()

    def links(self) -> list[str]:
        """Return the addresses on the same host that an HTML page leads to, each once, in their order."""
        here = URL(self.url)
        found = (_join(here, html.unescape(target)) for target in _LINK.findall(self._source()))
        return list(dict.fromkeys(str(url) for url in found if url and url.origin() == here.origin() and url != here))

    def _source(self) -> str:
        if SUFFIXES[self.media_type] != "html":
            return ""
        declared = _META.search(self.data[:1024])
        charset = self.charset or _known(declared[1].decode() if declared else "") or "utf-8"
        return self.data.decode(charset, errors="replace")


async def fetch(url: str, allowed: Collection[str] = (), seconds: float = PAGE_SECONDS) -> Document:
    """Fetch a page; ``allowed`` holds the hosts that need not be public, with their ports where these are not the usual ones.

    Raises WebSearchError, which names the address and says why it could not be read.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _follow(url, allowed)
    except TimeoutError as error:
        slow = ResponseError(f"it was not there after {seconds:g} seconds.", values={"reason": "page_slow", "seconds": seconds})
        raise unread(url, slow) from error
    except G4FError as error:
        raise unread(url, error) from error


def unread(url: str, error: G4FError) -> WebSearchError:
    """Return the error of a page that could not be read."""
    named = url[:200]
    return WebSearchError(f"{named} could not be read: {error}", values={"reason": "page_unread", "url": named, "causes": [error.said]})


async def _follow(url: str, allowed: Collection[str]) -> Document:
    for _ in range(MAX_REDIRECTS + 1):
        request = _request(url, allowed)
        async with Sending(request) as response:
            onward = request.redirected(response.status, response.headers.get("Location"))
            if onward is None:
                return await _read(response)
        url = str(onward.url)
    raise ResponseError(f"it redirects more than {MAX_REDIRECTS} times.")


def _request(url: str, allowed: Collection[str]) -> Request:
    """Return the request for one address, which a stranger wrote, be it the first or that of a redirect."""
    address = parse_url(url, public_only=True)
    trusted = (address.host_port_subcomponent or "").lower() in allowed
    if not trusted and address.port not in _USUAL_PORTS:
        raise ForbiddenError(f"the port {address.port} is not one of web pages.")
    return make_request("GET", url, {"headers": {"Accept": _ACCEPT}}, public_only=not trusted)


async def _read(response: Response) -> Document:
    if not response.ok:
        values = {"reason": "page_answered", "status": response.status}
        raise ResponseError(f"its server answered {response.status}.", values=values)
    if (coding := response.headers.get("Content-Encoding", "identity").lower()) != "identity":
        raise ResponseError(f"its server compresses ({coding}) although it was asked not to.")
    kind = Message()
    kind["Content-Type"] = response.headers.get("Content-Type", "application/octet-stream")
    media_type = kind.get_content_type()
    if media_type not in SUFFIXES:
        values = {"reason": "page_kind", "kind": media_type}
        raise ResponseError(f"{media_type} is not a kind of page that can be read.", values=values)
    return Document(response.url, media_type, _known(kind.get_content_charset("")), await response.read(PAGE_BYTES))


def _known(charset: str) -> str:
    """Return the encoding's name for Python, or nothing for one that pages do not have."""
    name = charset.lower().replace("windows-", "cp")
    return name if _CHARSET.fullmatch(name) and name != "iso-8859-12" else ""


def _join(base: URL, target: str) -> URL | None:
    """Return the address of a link, or None for what is no web address."""
    try:
        url = base.join(URL(target)).with_fragment(None)
    except ValueError:
        return None
    return url if url.scheme in ("http", "https") and url.raw_host else None
