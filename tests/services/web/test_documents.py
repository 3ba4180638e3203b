"""Pages are fetched through the guard, whatever their addresses and redirects say, and within limits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from g4f.errors import WebSearchError
from g4f.reading.readers import Readers
from g4f.services.readings import read_text
from g4f.services.web import WebPage
from tests.servers.website import CYRILLIC, LAKES, RIVERS, Website
from tests.services.web.reading import PUBLIC, Net, web


@pytest.fixture
def site() -> Iterator[Website]:
    """A web site."""
    with Website() as website:
        yield website


def fetch(site: Website, path: str, *others: Website, seconds: float = 20) -> WebPage:
    """Fetch a page of a site that may be read, and read it in a process of its own."""
    return asyncio.run(web(site, *others, read=partial(read_text, Readers())).fetch(f"{site.origin}{path}", seconds=seconds))


def fetch_in_net(url: str, site: Website, canary: Website) -> WebPage:
    """Fetch where ``public.example`` is the site and ``inside.example`` the canary, each at port 80."""
    names, ports = {"public.example": PUBLIC, "inside.example": "127.0.0.1"}, {PUBLIC: site.port, "127.0.0.1": canary.port}
    with asyncio.Runner(loop_factory=lambda: Net(names, ports)) as runner:
        return runner.run(web().fetch(url))


def test_a_page_is_read_without_what_surrounds_it(site: Website) -> None:
    page = fetch(site, "/rivers")
    assert page == WebPage(f"{site.origin}/rivers", "Rivers & seas", page.text)
    assert RIVERS in page.text
    assert "script text" not in page.text


@pytest.mark.parametrize("path", ["/cyrillic", "/declared", "/note.txt"])
def test_a_page_is_read_in_the_encoding_that_its_server_or_itself_names(site: Website, path: str) -> None:
    page = fetch(site, path)
    assert CYRILLIC in page.text
    assert page.title == ("note.txt" if path == "/note.txt" else "Реки")


def test_an_encoding_that_pages_do_not_have_is_not_believed(site: Website) -> None:
    page = fetch(site, "/strange")
    assert page.title == "Rivers"
    assert RIVERS in page.text


def test_a_page_is_found_where_redirects_lead(site: Website) -> None:
    with Website() as other:
        page = fetch(site, f"/to/{other.origin}/lakes", other)
    assert page.url == f"{other.origin}/lakes"
    assert LAKES in page.text


def test_a_page_on_a_public_host_is_read(site: Website) -> None:
    with Website() as canary:
        assert RIVERS in fetch_in_net("http://public.example/rivers", site, canary).text
    assert not canary.connections


@pytest.mark.parametrize(
    "url",
    [
        "http://inside.example/rivers",
        "http://127.0.0.1/rivers",
        "http://public.example/to/http://inside.example/rivers",
        "http://public.example/to/http://127.0.0.1/rivers",
        "http://public.example/to/http://public.example/to/http://127.0.0.1/rivers",
    ],
)
def test_no_address_and_no_redirect_leads_inside(site: Website, url: str) -> None:
    with Website() as canary, pytest.raises(WebSearchError, match="not a public address"):
        fetch_in_net(url, site, canary)
    assert not canary.connections


def test_a_host_that_may_be_read_lets_nobody_else_in(site: Website) -> None:
    with Website() as canary, pytest.raises(WebSearchError, match="not one of web pages"):
        fetch(site, f"/to/{canary.origin}/rivers")
    assert not canary.connections
    with pytest.raises(WebSearchError, match="not a public address"):
        fetch(site, "/to/http://localhost/")


@pytest.mark.parametrize(
    "url", ["http://public.example:8080/", "http://public.example/to/http://public.example:6379/", "http://8.8.8.8:22/"]
)
def test_only_the_ports_of_web_pages_are_asked(site: Website, url: str) -> None:
    with Website() as canary, pytest.raises(WebSearchError, match="not one of web pages"):
        fetch_in_net(url, site, canary)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://public.example/", "http://me:secret@public.example/", "", "rivers", "http://["]
)
def test_what_is_no_plain_web_address_is_refused(site: Website, url: str) -> None:
    with Website() as canary, pytest.raises(WebSearchError):
        fetch_in_net(url, site, canary)
    assert not site.connections


def test_no_password_is_sent_even_to_a_host_that_may_be_read(site: Website) -> None:
    with pytest.raises(WebSearchError, match="must not hold a user name"):
        asyncio.run(web(site).fetch(f"http://me:secret@{site.host}/rivers"))
    assert not site.connections


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/missing", "answered 404"),
        ("/loop", "more than 3 times"),
        ("/bomb", "compresses"),
        ("/endless", "longer than 2097152 bytes"),
        ("/picture", "image/png is not a kind"),
        ("/empty", "holds no text"),
        ("/to/file:///etc/passwd", "Only addresses that begin with http"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_address(site: Website, path: str, words: str) -> None:
    with pytest.raises(WebSearchError, match=words) as caught:
        fetch(site, path)
    assert str(caught.value).startswith(f"{site.origin}{path} could not be read: ")


@pytest.mark.parametrize("path", ["/hang", "/to//hang"])
def test_a_page_that_does_not_come_is_given_up(site: Website, path: str) -> None:
    with pytest.raises(WebSearchError, match=r"not there after 0\.3 seconds"):
        fetch(site, path, seconds=0.3)
    assert site.call().wait().aborted_at


def test_an_endless_page_is_left_at_once(site: Website) -> None:
    with pytest.raises(WebSearchError):
        fetch(site, "/endless")
    assert site.call().wait().aborted_at


def test_a_server_that_is_gone_is_said() -> None:
    with Website() as gone:
        pass
    with pytest.raises(WebSearchError, match="refuses connections"):
        fetch(gone, "/rivers")
