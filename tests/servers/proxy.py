"""An HTTP proxy and a SOCKS5 proxy that count what goes through them."""

from __future__ import annotations

import asyncio
import base64
import ssl
from contextlib import closing
from urllib.parse import quote, urlsplit

from tests.servers.http import read_head
from tests.servers.serving import Reader, ThreadedServer


class Proxy(ThreadedServer):
    """``targets`` lists host and port of every connection that went through, ``refusals`` counts wrong credentials."""

    scheme = "http"

    def __init__(self, *, user: str = "", password: str = "", ssl_context: ssl.SSLContext | None = None) -> None:
        super().__init__(ssl_context)
        self.targets: list[str] = []
        self.refusals = 0
        self._user = user
        self._password = password

    @property
    def url(self) -> str:
        """The address to configure, credentials included."""
        credentials = f"{quote(self._user)}:{quote(self._password)}@" if self._user else ""
        return f"{self.scheme}{'s' if self._ssl else ''}://{credentials}127.0.0.1:{self.port}"

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open the way on and count it."""
        self.targets.append(f"{host}:{port}")
        return await asyncio.open_connection(host, port)


class HttpProxy(Proxy):
    """A proxy by CONNECT and by requests in absolute form."""

    async def converse(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        if (head := await read_head(reader)) is None:
            return
        line, headers = head
        method, target, version = line.split(" ")
        token = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        if self._user and headers.get("proxy-authorization") != f"Basic {token}":
            self.refusals += 1
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n")
        elif method == "CONNECT":
            host, _, port = target.rpartition(":")
            onward = await self.connect(host, int(port))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await relay((reader, writer), onward)
        else:
            url = urlsplit(target)
            onward = await self.connect(url.hostname or "", url.port or 80)
            kept = {name: value for name, value in headers.items() if not name.startswith("proxy-")} | {"connection": "close"}
            path = f"{url.path or '/'}{'?' + url.query if url.query else ''}"
            lines = [f"{method} {path} {version}", *(f"{name}: {value}" for name, value in kept.items())]
            onward[1].write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
            await relay((reader, writer), onward)


class SocksProxy(Proxy):
    """A SOCKS5 proxy (RFC 1928) with user name and password (RFC 1929) if they are set."""

    scheme = "socks5"

    async def converse(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        if not await self._let_in(reader, writer, methods):
            self.refusals += 1
            return
        _, _, _, kind = await reader.readexactly(4)
        host = await _read_host(reader, kind)
        port = int.from_bytes(await reader.readexactly(2), "big")
        onward = await self.connect(host, port)
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        await relay((reader, writer), onward)

    async def _let_in(self, reader: Reader, writer: asyncio.StreamWriter, methods: bytes) -> bool:
        method = 2 if self._user else 0
        if method not in methods:
            writer.write(b"\x05\xff")
            return False
        writer.write(bytes((5, method)))
        if method == 0:
            return True
        await reader.readexactly(1)
        given = [await _read_string(reader), await _read_string(reader)]
        right = given == [self._user.encode(), self._password.encode()]
        writer.write(b"\x01\x00" if right else b"\x01\x01")
        return right


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def relay(one: Stream, other: Stream) -> None:
    """Copy both ways until either side ends."""
    with closing(one[1]), closing(other[1]):
        copies = {asyncio.create_task(_copy(one[0], other[1])), asyncio.create_task(_copy(other[0], one[1]))}
        try:
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for copy in copies:
                copy.cancel()
            await asyncio.gather(*copies, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await reader.read(65536):
        writer.write(block)
        await writer.drain()


async def _read_string(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly((await reader.readexactly(1))[0])


async def _read_host(reader: asyncio.StreamReader, kind: int) -> str:
    if kind == 3:
        return (await _read_string(reader)).decode()
    assert kind == 1, "only names and IPv4 addresses are spoken here"
    return ".".join(map(str, await reader.readexactly(4)))
