"""What the engines share: results, regions, and which of them is taken."""

from __future__ import annotations

import subprocess
import sys

import pytest

from g4f.config import Secret, Settings
from g4f.errors import ConfigError
from g4f.websearch import Region, Result, find_engine
from g4f.websearch.engine import collect

SEARXNG, BRAVE, TAVILY = {"searxng_url": "http://searx.example"}, {"brave_key": "k"}, {"tavily_key": "k"}


@pytest.fixture(autouse=True)
def no_searxng_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the SearXNG of whoever runs the tests."""
    monkeypatch.delenv("SEARXNG_URL", raising=False)


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (SEARXNG, "SearXNG"),
        (TAVILY | BRAVE | SEARXNG, "SearXNG"),
        (TAVILY | BRAVE, "Brave"),
        (TAVILY, "Tavily"),
        (TAVILY | BRAVE | SEARXNG | {"web_search": "tavily"}, "Tavily"),
        ({"web_search": "duckduckgo"}, "DuckDuckGo"),
    ],
)
def test_the_engine_is_the_named_one_or_the_first_that_is_set_up(config: dict[str, str], name: str) -> None:
    engine = find_engine(Settings.load(config, {}))
    assert engine is not None
    assert engine.name == name


@pytest.mark.parametrize("config", [{}, BRAVE | {"web_search": "tavily"}, {"web_search": "searxng"}])
def test_no_engine_is_taken_that_nobody_asked_for(config: dict[str, str]) -> None:
    assert find_engine(Settings.load(config, {})) is None


def test_the_variable_of_gpt4free_names_a_searxng(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARXNG_URL", "http://searx.example")
    engine = find_engine(Settings())
    assert engine is not None
    assert engine.name == "SearXNG"


def test_an_engine_that_does_not_exist_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigError, match="web_search"):
        Settings.load({"web_search": "altavista"}, {})


def test_only_the_engine_that_is_used_is_loaded() -> None:
    code = "import sys; from g4f.websearch import find_engine; from g4f.config import Settings; "
    code += "find_engine(Settings(searxng_url='http://x')); print([name for name in sys.modules if name.startswith('g4f.websearch.')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert sorted(eval(loaded)) == ["g4f.websearch.engine", "g4f.websearch.searxng"]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("us-en", Region("en", "us")),
        ("uk-en", Region("en", "gb")),
        ("en-US", Region("en", "us")),
        ("uk-UA", Region("uk", "ua")),
        ("ua-uk", Region("uk", "ua")),
        ("ru", Region("ru")),
        ("wt-wt", Region()),
        ("", Region()),
        ("everywhere", Region()),
    ],
)
def test_a_region_is_read_in_the_forms_that_clients_send(text: str, region: Region) -> None:
    assert Region.of(text) == region


def test_results_are_plain_text_with_web_addresses_each_once() -> None:
    found = [
        ("<b>One</b> &amp; only", "http://a.example/", "A\n <strong>snippet</strong>"),
        (None, "http://b.example/", None),
        ("again", "http://a.example/", ""),
        ("script", "javascript:alert(1)", ""),
        ("broken", "http://a b", ""),
        ("nothing", None, ""),
        ("more", "http://c.example/", ""),
    ]
    one, two = Result("One & only", "http://a.example/", "A snippet"), Result("http://b.example/", "http://b.example/", "")
    assert collect(found, 9) == [one, two, Result("more", "http://c.example/", "")]
    assert collect(found, 2) == [one, two]


def test_keys_are_hidden_where_settings_are_printed() -> None:
    settings = Settings.load({"brave_key": "tops3cret", "tavily_key": "tops3cret"}, {})
    assert settings.brave_key == Secret("tops3cret")
    assert "tops3cret" not in repr(settings)
