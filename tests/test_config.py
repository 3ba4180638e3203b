"""Settings: where values come from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f.config import Secret, Settings
from g4f.errors import ConfigError

KEY = "sk-never-shown-1234"


def test_code_wins_over_environment_over_file_over_default(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('port = 1\nhost = "127.0.0.2"\nthreads = 3\n')
    environ = {"G4F_CONFIG": str(file), "G4F_PORT": "2", "G4F_HOST": "127.0.0.3"}
    settings = Settings.load({"port": 4}, environ)
    assert (settings.port, settings.host, settings.threads, settings.debug) == (4, "127.0.0.3", 3, False)


def test_the_dict_of_2023_is_translated() -> None:
    config = {"site_config": {"host": "127.0.0.1", "port": 1338, "debug": True}, "use_auto_proxy": False, "url_prefix": "/ai"}
    settings = Settings.load(config, {})
    assert (settings.port, settings.debug, settings.use_auto_proxy, settings.url_prefix) == (1338, True, False, "/ai")


def test_servers_are_joined_from_file_and_environment_key_by_key(tmp_path: Path) -> None:
    (tmp_path / "g4f.toml").write_text('[servers.openrouter]\nbase_url = "https://example.org/v1"\n')
    environ = {"G4F_SERVERS__OPENROUTER__API_KEY": KEY, "G4F_SERVERS__OPENROUTER__MODELS": "a, b"}
    server = Settings.load({"data_dir": str(tmp_path)}, environ).servers["openrouter"]
    assert (server.base_url, server.models, server.api_key.reveal()) == ("https://example.org/v1", ("a", "b"), KEY)


@pytest.mark.parametrize(
    ("config", "environ", "words"),
    [
        ({"prot": 1}, {}, "Did you mean 'port'?"),
        ({}, {"G4F_PROT": "1"}, "Did you mean 'port'?"),
        ({"servers": {"a": {"bas_url": ""}}}, {}, "Did you mean 'base_url'?"),
        ({"port": 70000}, {}, "port"),
        ({"port": "many"}, {}, "port"),
        ({"site_config": 3}, {}, "site_config"),
        ({"servers": {"a": {"base_url": "ftp://x"}}}, {}, "base_url"),
        ({}, {"G4F_CONFIG": "/nowhere/g4f.toml"}, "no such file"),
        ({}, {"G4F_SERVERS__A": "x"}, "G4F_SERVERS__NAME__BASE_URL"),
        ({}, {"G4F_CONFIG": "a\0b"}, "cannot be read"),
        ({"data_dir": 5}, {}, "data_dir"),
        ({}, {"G4F_DATA_DIR": "a\0b"}, "data_dir"),
        ({"data_dir": "~nobody-has-this-home/x"}, {}, "data_dir"),
        ({"servers": {"a": {"base_url": "http://x/v1", "api_key": 123}}}, {}, "api_key"),
        ({}, {"G4F_HOST": ""}, "host is empty"),
        ({"cors_origins": ["*"]}, {}, "cors_origins"),
        ({"cors_origins": ["null"]}, {}, "cors_origins"),
        ({"trusted_proxies": ["proxy.example"]}, {}, "trusted_proxies"),
        ({"uploads_limit": 1}, {}, "upload_limit"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(config: dict[str, object], environ: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load(config, environ)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_file_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "g4f.toml").write_text("port = = 1")
    with pytest.raises(ConfigError, match=r"g4f\.toml cannot be read"):
        Settings.load({"data_dir": str(tmp_path)}, {})


def test_secrets_print_as_stars() -> None:
    settings = Settings.load({"proxy": f"http://me:{KEY}@x:1", "servers": {"a": {"base_url": "http://x/v1", "api_key": KEY}}}, {})
    assert KEY not in repr(settings)
    assert KEY not in str(settings)
    assert "***" in repr(settings)
    assert f"{settings.proxy}" == "***"


def test_a_value_that_is_refused_is_not_repeated_when_it_may_hold_a_password() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load({"servers": {"a": {"base_url": f"http://me:{KEY}@x/v1"}}}, {})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "config", [{"proxy": KEY}, {"proxies": ["http://x:1", KEY]}, {"servers": {"a": {"base_url": "http://x/v1", "proxy": f"ftp://{KEY}"}}}]
)
def test_what_is_no_proxy_is_named_and_not_repeated(config: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"prox.* should be an address") as caught:
        Settings.load(config, {})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("scheme", ["http", "https", "socks4", "socks4a", "socks5", "socks5h"])
def test_every_kind_of_proxy_is_taken(scheme: str) -> None:
    assert Settings.load({"proxy": f"{scheme}://me:{KEY}@proxy.example:1080"}, {}).proxy


def test_proxies_are_trusted_by_address_and_by_network() -> None:
    assert Settings.load({}, {"G4F_TRUSTED_PROXIES": "192.0.2.1, 10.0.0.0/8, ::1"}).trusted_proxies == ("192.0.2.1", "10.0.0.0/8", "::1")


def test_secrets_are_equal_by_what_they_hide() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert not Secret("")
