"""What the tests of the web hand to it: settings, a reader, and a net of their own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import trafilatura

from g4f.config import Settings
from g4f.services.web import ReadDocument, Web
from tests.servers.website import Website

PUBLIC = "8.8.8.8"
"""An address that everybody can reach; in ``Net`` it leads to a server of this machine."""


async def read_document(data: bytes, name: str, media_type: str) -> str:
    """Read a small document here and now, for tests that are about something else."""
    if media_type == "text/html":
        return trafilatura.extract(data, favor_recall=True) or ""
    return data.decode("utf-8-sig")


def web(*sites: Website, read: ReadDocument = read_document, **settings: Any) -> Web:
    """Make a web in which the pages of these sites may be read although they are on this machine."""
    return Web(Settings.load({**settings, "web_allowed_hosts": [site.host for site in sites]}, {}), read)


class Net(asyncio.SelectorEventLoop):
    """An event loop in a net of its own: names have these addresses, and port 80 of an address is one of this machine."""

    def __init__(self, names: Mapping[str, str], ports: Mapping[str, int]) -> None:
        super().__init__()
        self._names, self._ports = names, ports

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> Any:
        """Resolve a name, or an address to itself."""
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (self._names.get(host, host), port))]

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        """Connect to this machine, at the port that stands for port 80 there."""
        host, port = address
        await super().sock_connect(sock, ("127.0.0.1", self._ports[host] if port == 80 else port))
