"""What is asked of the web: by a request's ``web_search``, by gpt4free's search tool, by addresses in a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from g4f.errors import ValidationError

MOST_URLS = 5
_MOST_RESULTS, _MOST_WORDS, _MOST_SECONDS = 10, 10_000, 20.0
_LONGEST_QUERY, _MOST_QUERY_WORDS = 400, 50
"""Characters and words of a query: what Brave takes, which is the least of the engines."""
_URL = re.compile(r"https?://[^\s<>\"'`\[\]{}|\\^«»“”]+", re.IGNORECASE)


class SearchRequest(Struct, frozen=True):
    """Be one search: at most ``limit`` results and ``words`` words of them, ``seconds`` for the engine and for each page.

    An empty ``query`` means the first line of the question. ``region`` is as DuckDuckGo writes it (``us-en``).
    ``instructions``, if any, replace ours to the model.
    """

    query: str = ""
    limit: int = 5
    words: int = 2500
    add_text: bool = True
    region: str = ""
    seconds: float = 5.0
    instructions: str = ""


class _Arguments(Struct, frozen=True):
    query: str = ""
    max_results: int = 5
    max_words: int = 2500
    add_text: bool = True
    timeout: float = 5.0
    region: str | None = None
    instructions: str | None = None


def read_web_search(value: bool | str | None) -> SearchRequest | None:
    """Return the search that ``web_search`` asks for: a text is the query, true leaves it to the question."""
    match value:
        case None | False:
            return None
        case True:
            return SearchRequest()
        case str() if (word := value.strip().lower()) in {"", "0", "1", "false", "true"}:  # as they stand in an address
            return SearchRequest() if word in {"1", "true"} else None
        case str():
            return SearchRequest(value)


def read_tool_calls(tool_calls: Iterable[Mapping[str, Any]]) -> SearchRequest | None:
    """Return the search of the first ``search_tool`` among a request's tool calls, or None when there is none.

    Arguments may be an object or its JSON. Numbers out of bounds are brought into them; raises ValidationError for what
    cannot be read.
    """
    for call in tool_calls:
        match call:
            case {"function": {"name": "search_tool", **rest}}:
                return _request(_arguments(rest.get("arguments")))
    return None


def urls_in(text: str) -> list[str]:
    """Return the web addresses in a text, the first five, each once, without the punctuation of the sentence around them."""
    return list(dict.fromkeys(url for match in _URL.finditer(text) if (url := _trimmed(match[0])).partition("://")[2]))[:MOST_URLS]


def to_query(text: str) -> str:
    """Return the first line of a text, as long as engines take it."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return " ".join(line.split()[:_MOST_QUERY_WORDS])[:_LONGEST_QUERY].strip()


def _arguments(given: Any) -> _Arguments:
    try:
        value = msgspec.json.decode(given) if isinstance(given, str) and given else given
        return msgspec.convert(value or {}, _Arguments, strict=False)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise ValidationError(f"The arguments of search_tool cannot be read: {error}.", "tool_calls") from error


def _request(given: _Arguments) -> SearchRequest:
    return SearchRequest(
        given.query,
        max(1, min(given.max_results, _MOST_RESULTS)),
        max(1, min(given.max_words, _MOST_WORDS)),
        given.add_text,
        given.region or "",
        max(1.0, min(given.timeout, _MOST_SECONDS)),
        given.instructions or "",
    )


def _trimmed(url: str) -> str:
    """Return the address without what the sentence ends with; a closing bracket stays where it was opened inside."""
    while url and (url[-1] in ".,;:!?*_~…" or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url
