"""The page and its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.platform import Platform


@pytest.mark.parametrize("path", ["/", "/chat/", "/chat/0190-abc"])
def test_every_page_address_gives_the_page(lonely: Platform, path: str) -> None:
    answer = lonely.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert '<script type="module"' in answer.text


def test_the_page_speaks_the_language_and_wears_the_colours_of_the_browser(lonely: Platform) -> None:
    page = lonely.get("/", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5", "Cookie": "theme=dark"}).text
    assert '<html lang="ru" data-theme="dark"' in page


@pytest.mark.parametrize(("locale", "fonts"), [("en", ["latin"]), ("ru", ["latin", "cyrillic"])])
def test_the_page_asks_early_for_the_letters_of_its_language(lonely: Platform, locale: str, fonts: list[str]) -> None:
    page = lonely.get("/", headers={"Accept-Language": locale}).text
    links = re.findall(r'<link\s+rel="preload"[^>]*>', page)
    assert [re.findall(r"text-(\w+)-wght", link)[0] for link in links] == fonts


@pytest.fixture
def prefixed(tmp_path: Path) -> Iterator[Platform]:
    """The platform under /ai."""
    with Platform(tmp_path, url_prefix="/ai") as server:
        yield server


def test_under_a_prefix_the_page_and_its_files_name_it(prefixed: Platform) -> None:
    page = prefixed.get("/ai/chat/0190-abc").text
    assert 'data-prefix="/ai"' in page
    names = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(names) > 3
    assert [name for name in names if not name.startswith("/ai/dist/") or prefixed.get(name).status_code != 200] == []


def test_a_page_of_an_app_mounted_in_another_names_where_it_is_mounted(lonely: Platform) -> None:
    page = lonely.app.test_client().get("/", base_url="http://localhost/mounted").text
    assert 'data-prefix="/mounted"' in page
    assert 'src="/mounted/dist/' in page


def test_a_cookie_that_is_not_a_theme_is_not_written_into_the_page(lonely: Platform) -> None:
    assert "onload" not in lonely.get("/", headers={"Cookie": 'theme="onload=1"; lang="><script>'}).text


def test_every_file_the_page_names_is_there_and_never_changes(lonely: Platform) -> None:
    names = re.findall(r'(?:src|href)="(/dist/[^"]+)"', lonely.get("/").text)
    assert names
    for name in names:
        answer = lonely.get(name, headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200, name
        if "/assets/" in name:
            assert "immutable" in answer.headers["Cache-Control"]


def test_the_page_names_no_other_host(lonely: Platform) -> None:
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', lonely.get("/").text)
