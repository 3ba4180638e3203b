"""What every search engine is and has: its protocol, its results, and how its answer is read."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeVar

import msgspec
from msgspec import Struct

from g4f.errors import ResponseError
from g4f.requests import Response, raise_for_status

T = TypeVar("T")

MAX_ANSWER = 2 * 1024 * 1024
"""Bytes of an engine's answer at most."""
_REGION = re.compile(r"([a-zA-Z]{2})(?:[-_]([a-zA-Z]{2}))?")
_TAG = re.compile(r"<[^<>]{0,500}>")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


class Result(Struct, frozen=True):
    """Be one hit; all of it is a stranger's text, the address included."""

    title: str
    url: str
    snippet: str


class Region(NamedTuple):
    """Be the language and the country results should fit, as two small letters each; empty where it does not matter."""

    language: str = ""
    country: str = ""

    @classmethod
    def of(cls, text: str) -> Region:
        """Read DuckDuckGo's form ``us-en``, which gpt4free clients send, a language tag ``en-US``, or a bare language."""
        found = _REGION.fullmatch(text.strip())
        if found is None or text.lower() == "wt-wt":  # DuckDuckGo's name for the whole world
            return cls()
        first, second = found[1], found[2] or ""
        language, country = (first, second) if not second or second.isupper() else (second, first)
        return cls(language.lower(), country.lower().replace("uk", "gb"))


class Engine(Protocol):
    """Be a search engine; its module has ``connect(settings)``, which returns one, or None when it is not set up."""

    name: str

    async def search(self, query: str, *, limit: int, region: Region) -> list[Result]:
        """Return the best results, best first; raises G4FError. The caller bounds the time."""
        ...


async def read(response: Response, kind: type[T]) -> T:
    """Return an engine's JSON answer as a struct; raises the error of its status, or ResponseError for anything else."""
    await raise_for_status(response)
    body = await response.read(MAX_ANSWER)
    if body.lstrip()[:1] == b"<":
        raise ResponseError(f"{response.host} answered with a web page where JSON was expected. Check the address.")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ResponseError(f"{response.host} answered in a form that cannot be read: {error}.") from error


def collect(found: Iterable[tuple[str | None, str | None, str | None]], limit: int) -> list[Result]:
    """Return the first results of title, address and snippet, in plain text, each web address once."""
    unique: dict[str, Result] = {}
    for title, url, snippet in found:
        if url and len(unique) < limit and _ADDRESS.fullmatch(url):
            unique.setdefault(url, Result(plain(title or "") or url, url, plain(snippet or "")))
    return list(unique.values())


def plain(text: str) -> str:
    """Return one line of text without tags and character references."""
    return " ".join(html.unescape(_TAG.sub("", text)).split())
