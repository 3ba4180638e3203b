"""The pages of a downloads.json."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from g4f.errors import ValidationError
from g4f.services.web import Failure, WebPage, download
from tests.servers.website import RIVERS, Website
from tests.services.web.reading import web


@pytest.fixture
def site() -> Iterator[Website]:
    """A web site."""
    with Website() as website:
        yield website


def fetch(site: Website, spec: Any) -> list[WebPage | Failure]:
    """Download what a specification names; ``{}`` in it is the site."""

    async def collect() -> list[WebPage | Failure]:
        data = spec if isinstance(spec, bytes) else json.dumps(spec).replace("{}", site.origin).encode()
        return [each async for each in download(web(site), data)]

    return asyncio.run(collect())


def test_a_list_of_addresses_is_downloaded(site: Website) -> None:
    page, *others = fetch(site, [{"url": "{}/rivers", "proxy": "http://127.0.0.1:9"}, {"urls": ["{}/lakes", "{}/rivers"]}])
    assert isinstance(page, WebPage)
    assert RIVERS in page.text
    assert [other.url for other in others] == [f"{site.origin}/lakes"]


def test_one_link_is_followed_on_the_same_host(site: Website) -> None:
    pages = fetch(site, {"urls": ["{}/linked"], "max_depth": 5})
    assert [page.url for page in pages] == [f"{site.origin}/linked", f"{site.origin}/rivers"]
    assert site.paths == ["/linked", "/rivers"]


def test_no_link_is_followed_unless_it_is_asked(site: Website) -> None:
    fetch(site, [{"urls": ["{}/linked"]}])
    assert site.paths == ["/linked"]


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(site: Website) -> None:
    missing, inside, page = fetch(site, [{"urls": ["{}/missing", "http://127.0.0.1/", "{}/lakes"]}])
    assert isinstance(missing, Failure)
    assert "answered 404" in missing.reason
    assert isinstance(inside, Failure)
    assert "not a public address" in inside.reason
    assert isinstance(page, WebPage)


def test_fifty_pages_are_the_most_and_the_rest_is_named(site: Website) -> None:
    *pages, last = fetch(site, [{"url": "{}/index/60", "max_depth": 1}, {"url": "{}/rivers"}])
    assert len(site.paths) == len(pages) == 50
    assert isinstance(last, Failure)
    assert last.reason.endswith("/page/49 and 10 more were left out: 50 pages are the most.")


@pytest.mark.parametrize("spec", [b"", b"{", b"[1]", b'[{"url": 1}]', b'"http://a.example/"', b"\xff"])
def test_a_file_that_cannot_be_read_is_refused(site: Website, spec: bytes) -> None:
    with pytest.raises(ValidationError, match=r"downloads\.json should be a list"):
        fetch(site, spec)
