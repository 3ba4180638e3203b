"""DuckDuckGo's page without scripts."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import pytest

from g4f.errors import ResponseError
from g4f.websearch import Region, Result
from g4f.websearch.duckduckgo import DuckDuckGo
from tests.servers.http import Answer, Call, HttpServer


def hit(title: str, url: str, snippet: str | None) -> str:
    """Return one result as the page shows it."""
    link = f"//duckduckgo.com/l/?uddg={quote(url, safe='')}&amp;rut=0123"
    body = "" if snippet is None else f'<a class="result__snippet" href="{link}">{snippet}</a>'
    heading = f'<h2 class="result__title"><a rel="nofollow" class="result__a" href="{link}">{title}</a></h2>'
    return (
        f'<div class="result web-result"><div class="result__body">{heading}<a class="result__url" href="{link}"> x </a>{body}</div></div>'
    )


ADVERTISEMENT = (
    '<div class="result result--ad"><h2><a class="result__a" href="https://duckduckgo.com/y.js?ad_domain=x">Buy rivers</a></h2>'
    '<a class="result__snippet" href="https://duckduckgo.com/y.js?ad_domain=x">Cheap!</a></div>'
)


def search(body: str, status: int = 200, region: str = "") -> tuple[list[Result], str]:
    """Search where this page is the answer; return the results and the address that was asked."""

    async def handle(call: Call, answer: Answer) -> None:
        await answer.reply(status, body.encode(), "text/html; charset=UTF-8")

    with HttpServer(handle) as server:
        found = asyncio.run(DuckDuckGo(server.origin).search("big rivers", limit=5, region=Region.of(region)))
    return found, server.call().target


def test_results_are_read_from_the_page_without_advertisements() -> None:
    page = ADVERTISEMENT + hit("The <b>Volga</b>", "https://a.example/?x=1&y=2", "A &amp; B") + hit("Lena", "http://b.example/", "C")
    found, target = search(page, region="us-en")
    assert found == [Result("The Volga", "https://a.example/?x=1&y=2", "A & B"), Result("Lena", "http://b.example/", "C")]
    assert target == "/html/?q=big+rivers&kl=us-en"


def test_a_result_without_a_snippet_takes_none_from_its_neighbour() -> None:
    found, _ = search(hit("Volga", "http://a.example/", None) + hit("Lena", "http://b.example/", "C"))
    assert found == [Result("Volga", "http://a.example/", ""), Result("Lena", "http://b.example/", "C")]


def test_a_page_that_says_it_found_nothing_holds_nothing() -> None:
    assert search('<div class="no-results">No results.</div>')[0] == []


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [("<p>", 202, "proof"), ('<div class="anomaly-modal__title">', 200, "proof"), ("<p>Welcome</p>", 200, "does not say so")],
)
def test_a_page_that_is_no_answer_is_said(body: str, status: int, words: str) -> None:
    with pytest.raises(ResponseError, match=words):
        search(body, status)


def test_a_link_that_is_no_address_is_left_out() -> None:
    page = hit("Good", "http://a.example/", "x").replace("//duckduckgo.com/l/", "http://[broken/") + hit("Lena", "http://b.example/", "C")
    assert search(page)[0] == [Result("Lena", "http://b.example/", "C")]
