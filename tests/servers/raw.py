"""A client that sends bytes as they are, however wrong."""

from __future__ import annotations

import http.client
import io
import json
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

SECONDS = 30


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Bytes(io.BytesIO):
    """Be the socket ``http.client`` reads from, and stay open for the next answer."""

    def makefile(self, mode: str) -> _Bytes:
        return self

    def close(self) -> None:
        """Stay open."""


@contextmanager
def connected(port: int, window: int | None = None) -> Iterator[socket.socket]:
    """Connect to a port of this machine; ``window`` bounds the bytes that wait for a reader who does not read."""
    with closing(socket.socket()) as connection:
        if window is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.settimeout(SECONDS)
        connection.connect(("127.0.0.1", port))
        yield connection


def exchange(port: int, data: bytes, method: str = "GET") -> list[Reply]:
    """Send bytes and return all answers until the server closes; the last request has to ask for that."""
    with connected(port) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before all of it was sent
            connection.sendall(data)
        return replies(read_all(connection), method)


def read_all(connection: socket.socket) -> bytes:
    """Return what comes until the server closes."""
    data = bytearray()
    with suppress(ConnectionResetError):
        while block := connection.recv(65536):
            data += block
    return bytes(data)


def read_until(connection: socket.socket, end: bytes) -> None:
    """Read until these bytes have come."""
    data = b""
    while end not in data:
        block = connection.recv(4096)
        assert block, data
        data += block


def replies(data: bytes, method: str = "GET") -> list[Reply]:
    """Read answers that follow one another."""
    stream, found = _Bytes(data), []
    while stream.tell() < len(data):
        answer = http.client.HTTPResponse(stream, method=method)  # type: ignore[arg-type]  # it only asks for a file
        answer.begin()
        found.append(Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()))
    return found


def request(method: str, target: str, headers: bytes = b"", body: bytes = b"", *, last: bool = True) -> bytes:
    """Return a request; ``last`` asks the server to close afterwards. A body needs headers that say so."""
    close = b"Connection: close\r\n" if last else b""
    return f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n".encode() + close + headers + b"\r\n" + body


def sized(body: bytes) -> bytes:
    """Return the headers of a JSON body."""
    return b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)


def chunked(body: bytes) -> bytes:
    """Return a body in chunks of 1,000 bytes."""
    pieces = [body[start : start + 1000] for start in range(0, len(body), 1000)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def reset(connection: socket.socket) -> None:
    """Leave without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def refused(status: int, body: bytes) -> None:
    """Check that an answer is a 4xx in the one error shape."""
    assert 400 <= status < 500, (status, body[:200])
    shaped(body)


def shaped(body: bytes) -> None:
    """Check that a body is the one error shape."""
    assert json.loads(body)["error"].keys() - {"values"} == {"message", "type", "code", "param", "request_id"}
