"""What settings are made of, and what is wrong with them."""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

_ORIGIN = re.compile(r"[a-z][a-z0-9-]*://[\w.-]+(:[0-9]+)?")
_PROXY = re.compile(r"(https?|socks(4a?|5h?))://[^\s/]\S*")


class Secret:
    """Hold a text that prints as ``***``; ``reveal`` gives it to the one place that sends it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "***" if self._text else "''"


def secret_of(kind: type, value: object) -> object:
    """Return a text as a Secret where one is wanted."""
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError("Expected a text")


def folder_of(path: object) -> Path:
    """Return the path of a folder; raises ValueError for what is none."""
    if isinstance(path, str) and "\0" not in path:
        with suppress(RuntimeError):  # a home that nobody has
            return Path(path).expanduser()
    raise ValueError("data_dir should be the path of a folder")


def require_origins(origins: tuple[str, ...]) -> None:
    """Raise ValueError for what is no origin."""
    for each in origins:
        if not _ORIGIN.fullmatch(each):
            raise ValueError(f"cors_origins holds {each!r}; name each origin in full, such as https://chat.example.org")


def require_networks(networks: tuple[str, ...]) -> None:
    """Raise ValueError for what is neither an address nor a network."""
    for each in networks:
        try:
            ip_network(each, strict=False)
        except ValueError:
            raise ValueError(f"trusted_proxies holds {each!r}, which is neither an address nor a network") from None


def require_proxies(name: str, *proxies: Secret) -> None:
    """Raise ValueError for what is no proxy; the value may hold a password and is not repeated."""
    if not all(_PROXY.fullmatch(each.reveal()) for each in proxies if each):
        raise ValueError(f"{name} should be an address such as http://host:3128 or socks5://host:1080 (http, https, socks4, socks5)")
