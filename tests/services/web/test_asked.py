"""What requests and questions ask of the web."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from g4f.errors import ValidationError
from g4f.services.web import SearchRequest, read_tool_calls, read_web_search, urls_in
from g4f.services.web.asked import to_query


def call(arguments: Any, name: str = "search_tool") -> dict[str, Any]:
    """Return a tool call as gpt4free clients send it."""
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize("value", [None, False, "", " ", "false", "0"])
def test_nothing_is_searched_where_nothing_is_asked(value: bool | str | None) -> None:
    assert read_web_search(value) is None


@pytest.mark.parametrize(("value", "query"), [(True, ""), ("true", ""), ("1", ""), ("big rivers", "big rivers"), ("10", "10")])
def test_a_text_is_the_query_and_true_leaves_it_to_the_question(value: bool | str, query: str) -> None:
    assert read_web_search(value) == SearchRequest(query)


ARGUMENTS = {"query": "rivers", "max_results": 1, "max_words": 300, "backend": "auto", "add_text": False, "timeout": 7, "region": "ru-ru"}


@pytest.mark.parametrize("arguments", [ARGUMENTS, json.dumps(ARGUMENTS)])
def test_the_search_tool_takes_an_object_or_its_json(arguments: Any) -> None:
    expected = SearchRequest("rivers", limit=1, words=300, add_text=False, region="ru-ru", seconds=7)
    assert read_tool_calls([call({}, "bucket_tool"), call(arguments)]) == expected


@pytest.mark.parametrize("arguments", [{}, "{}", "", None])
def test_the_search_tool_needs_no_arguments(arguments: Any) -> None:
    assert read_tool_calls([call(arguments)]) == SearchRequest()


@pytest.mark.parametrize(
    ("given", "limit", "words", "seconds"),
    [((0, -5, 0), 1, 1, 1), ((10**9, 10**9, 10**9), 10, 10_000, 20), (("3", "40", "2.5"), 3, 40, 2.5)],
)
def test_numbers_are_brought_into_bounds(given: tuple[Any, ...], limit: int, words: int, seconds: float) -> None:
    found = read_tool_calls([call(dict(zip(("max_results", "max_words", "timeout"), given, strict=True)))])
    assert found == SearchRequest(limit=limit, words=words, seconds=seconds)


@pytest.mark.parametrize("calls", [[], [call({}, "continue_tool")], [{}], [{"function": "search_tool"}]])
def test_other_tools_ask_for_no_search(calls: list[dict[str, Any]]) -> None:
    assert read_tool_calls(calls) is None


@pytest.mark.parametrize("arguments", ["{", "[1]", {"query": 5}, {"max_results": "many"}, 7, '{"timeout": 1e999}'])
def test_arguments_that_cannot_be_read_are_refused(arguments: Any) -> None:
    with pytest.raises(ValidationError, match="search_tool"):
        read_tool_calls([call(arguments)])


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("See https://example.org/a?b=c&d#e.", ["https://example.org/a?b=c&d#e"]),
        ("(https://ru.wikipedia.org/wiki/Волга), да?", ["https://ru.wikipedia.org/wiki/Волга"]),
        ("https://en.wikipedia.org/wiki/Volga_(river)", ["https://en.wikipedia.org/wiki/Volga_(river)"]),
        ("[one](http://a.example/1)[two](http://a.example/2)", ["http://a.example/1", "http://a.example/2"]),
        ('<a href="http://a.example/">http://a.example/</a>', ["http://a.example/"]),
        ("«http://a.example/»! http://a.example/", ["http://a.example/"]),
        ("HTTP://A.EXAMPLE/x…", ["HTTP://A.EXAMPLE/x"]),
        ("http://localhost:8080/x", ["http://localhost:8080/x"]),
        ("ftp://a.example/ www.example.org file:///etc mailto:a@b.example http:// https://... http://?", []),
        (" ".join(f"http://a.example/{number}" for number in range(9)), [f"http://a.example/{number}" for number in range(5)]),
    ],
)
def test_addresses_are_found_without_the_sentence_around_them(text: str, urls: list[str]) -> None:
    assert urls_in(text) == urls


LINES = st.text(st.sampled_from("a \t\n")) | st.integers(0, 900).map(lambda size: "word " * (size // 5) + "x" * size)


@given(st.text() | LINES)
def test_a_query_is_one_line_that_engines_take(text: str) -> None:
    query = to_query(text)
    assert len(query) <= 400
    assert len(query.split()) <= 50
    assert query == " ".join(query.split())
    assert bool(query) == bool(text.split())
