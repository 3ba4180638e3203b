"""Requests that are wrong as HTTP, or hostile in all but their body: a 4xx in the one error shape from every row of the table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from g4f.errors import NotOfferedError
from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.incoming import DISCARDING_SECONDS
from g4f.gui.server.protocol import Protocol
from g4f.gui.server.routing import Route, signature_of
from tests.proofs import FULL, counted, proof
from tests.servers.platform import CONVERSATION, Platform
from tests.servers.raw import Reply, chunked, connected, exchange, read_all, read_until, refused, replies, request, reset, shaped, sized

PART = [row for place, row in enumerate(Backend_Api.table) if FULL or place % 3 == 0 or row.streamed]
"""A third of the rows, and those that take a body as it arrives; `make proof` takes every one."""
ROUTES = pytest.mark.parametrize("route", PART, ids=lambda route: route.endpoint)
ROWS = [row for row in PART if "<" in row.path]
BODY = b'{"messages": [{"role": "user", "content": "x"}]}'
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "BREW", "get", "Post", "X" * 8000]
VALUES = [
    "%0d%0aX:1", "%00", "%ff%fe", "x" * 8000, "..%2f..", "%2e%2e", "%252e%252e%252f", "__class__", "%F0%9F%98%80", "%zz", "%", ";x", ".",
    "http:%2f%2f127.0.0.1:9", "%ed%a0%80", "'%20OR%201=1--", "$%7Bjndi:x%7D", "{{7*7}}", "%1b[31m", "\t",
]  # fmt: skip
QUERIES = [
    "format=list&format=map", "format=", "format", "=", "&&&", "?", "format[]=list", "format=%00", "format=%ff", "format=%ed%a0%80",
    "format=" + "y" * 500, "framing=" + "y" * 500, "framing=ndjson&framing=text", "framing=7", "&".join(["a=1"] * 10_000), "a" * 60_000,
    "a=%", "format=\xff", "b" * 70_000,
]  # fmt: skip
HEADERS: list[bytes] = [
    b"X: " + b"a" * 65_536, b"X: " + b"a" * 1_000_000, b"X: 1\r\n" * 5_000, b"X: \xff\xfe", b"Host: evil.example", b"Origin: null",
    b"Accept: ;;q=x,,\xff", b"Accept-Encoding: br;q=nan, *;q=-1", b"Accept-Language: ;q=\xff", b"Cookie: lang=\xff; ;=;theme",
    b"Range: bytes=-1-,x", b"If-None-Match: junk", b"If-Modified-Since: junk", b"Content-Encoding: gzip", b"Expect: x",
    b"Expect: 100-continue", b"Authorization: Bearer \xff", b"Authorization: Basic !!!", b"X-Api-Key: \xff\xfe", b"X-Api-Base: http://[::1",
    b"X-Api-Base: http://h:99999", b"X-Api-Base: \xff", b"X-Stream-Framing: \xff", b"X-Forwarded-For: \xff", b"Content_Length: 9",
    b"Transfer_Encoding: chunked", b"Upgrade: h2c\r\nConnection: Upgrade", b"Upgrade: websocket\r\nConnection: Upgrade",
    b"Sec-Fetch-Site: \xff", b"X-HTTP-Method-Override: DELETE",
]  # fmt: skip
NOT_HEADERS: list[bytes] = [
    b"X: a\rX-Evil: 1", b"X: a\nX-Evil: 1", b"X: a\r\n b", b"X: a\x00b", b"X : a", b": a", b"no colon", b"\xd0\x9a: a", b"X\x00: a",
    b"X(: a",
]  # fmt: skip
NOT_FRAMINGS: list[bytes] = [
    b"Content-Length: 5\r\nContent-Length: 5", b"Content-Length: 5\r\nContent-Length: 6",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Content-Length: -1", b"Content-Length: +5",
    b"Content-Length: 0x5", b"Content-Length: 5, 5", b"Content-Length: 5 5",
    b"Content-Length: 1e1", b"Content-Length: \xd9\xa5", b"Content-Length:", b"Content-Length: 99999999999999999999999",
    b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked, gzip", b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked\x00",
    b"Transfer-Encoding: identity",
]  # fmt: skip
NOT_CHUNKS: list[bytes] = [
    b"zz\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n", b"1\r\nab\r\n", b"1;\n\r\n", b"2\r\n{}\r\n0\r\nX\x00: 1\r\n\r\n",
]  # fmt: skip
NOT_HTTP: list[bytes] = [
    b"\r\n\r\nnothing\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1 x\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + bytes(50),
    b"CONNECT localhost:1 HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\nHost: localhost\n\n", b"SSH-2.0-x\r\n", b"GET x HTTP/1.1\r\n\r\n",
    b"GET http:// HTTP/1.1\r\n\r\n",
]  # fmt: skip


def target(route: Route, value: str = "x") -> str:
    return re.sub(r"<[^>]+>", lambda _: value, route.path)


def asked(route: Route, query: str = "", headers: bytes = b"", value: str = "x") -> bytes:
    """Return a request for a row that is right but for what is given."""
    body, address = (BODY if route.method == "POST" else b""), target(route, value) + ("?" + query if query else "")
    return request(route.method, address, headers + (sized(body) if body else b""), body)


def check(route: Route, answers: Sequence[Reply]) -> None:
    """Check that the last answer is one that the row may give: never a server error but the refusal of what is not offered."""
    assert answers, "no answer"
    answer = answers[-1]
    unoffered = signature_of(route.handler).returns is type(None) and answer.status == NotOfferedError.status
    assert answer.status < 500 or unoffered, (answer.status, answer.body[:300])
    if answer.status >= 400:
        shaped(answer.body)


def alive(platform: Platform) -> None:
    assert platform.get("/backend-api/v2/version").status_code == 200


@ROUTES
@proof("methods a row does not know", 9)
def test_another_method_is_refused_by_every_row(lonely: Platform, route: Route) -> None:
    known = set(lonely.app.url_map.bind("localhost").allowed_methods(target(route).partition("?")[0]))
    for method in counted(method for method in METHODS if method not in known):
        [answer] = exchange(lonely.port, request(method, target(route)), method)
        if method == "HEAD":
            assert (answer.status, answer.body) == (405, b"")
            continue
        refused(answer.status, answer.body)
        assert answer.status == (405 if method.isupper() and method not in ("BREW", METHODS[-1]) else 400), method
        assert answer.status == 400 or set(answer.headers["allow"].split(", ")) == known


@pytest.mark.parametrize("route", ROWS, ids=lambda route: route.endpoint)
@proof("hostile values in paths", len(VALUES))
def test_hostile_path_values_never_break_the_server(lonely: Platform, route: Route) -> None:
    for value in counted(VALUES):
        check(route, exchange(lonely.port, asked(route, value=value)))
    alive(lonely)


@ROUTES
@proof("hostile queries", len(QUERIES))
def test_hostile_queries_never_break_the_server(lonely: Platform, route: Route) -> None:
    for query in counted(QUERIES):
        answers = exchange(lonely.port, asked(route, query))
        check(route, answers)
        assert answers[-1].status < 400 or b"y" * 65 not in answers[-1].body
    alive(lonely)


@ROUTES
@proof("hostile headers", len(HEADERS))
def test_hostile_headers_never_break_the_server(lonely: Platform, route: Route) -> None:
    for header in counted(HEADERS):
        check(route, exchange(lonely.port, asked(route, headers=header + b"\r\n")))
    alive(lonely)


@pytest.mark.parametrize("address", ["http://[::1", "http://h:99999", "http://", "http://a b", "ftp://x", "//x", "x", "http://x\xff:y"])
def test_an_address_that_is_none_never_breaks_the_server(lonely: Platform, address: str) -> None:
    [answer] = exchange(lonely.port, request("GET", "/backend-api/v2/models/Custom", f"X-Api-Base: {address}\r\n".encode("latin-1")))
    assert answer.status in (403, 422, 502)
    shaped(answer.body)
    asking = lonely.post({"provider": "Custom", "base_url": address, "model": "x", "prompt": None, "messages": [{"role": "user"}]})
    assert asking.status_code in (200, 422)
    assert "internal_error" not in asking.text


@ROUTES
@proof("headers that are none", len(NOT_HEADERS))
def test_line_ends_and_control_characters_in_headers_are_refused(lonely: Platform, route: Route) -> None:
    for header in counted(NOT_HEADERS):
        [answer] = exchange(lonely.port, asked(route, headers=header + b"\r\n"))
        refused(answer.status, answer.body)


@ROUTES
@proof("bodies whose length is unclear", len(NOT_FRAMINGS))
def test_a_body_of_unclear_length_is_refused_and_nothing_in_it_is_a_request(lonely: Platform, route: Route) -> None:
    smuggled = b"0\r\n\r\n" + request("GET", "/healthz")
    for framing in counted(NOT_FRAMINGS):
        [answer] = exchange(lonely.port, request(route.method, target(route), framing + b"\r\n", smuggled))
        refused(answer.status, answer.body)


@ROUTES
@proof("chunks that are none", len(NOT_CHUNKS))
def test_chunks_that_are_none_are_refused(lonely: Platform, route: Route) -> None:
    head = request(route.method, target(route), b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n")
    for body in counted(NOT_CHUNKS):
        [answer] = exchange(lonely.port, head + body + b"0\r\n\r\n")
        refused(answer.status, answer.body)


@proof("bytes that are no request", len(NOT_HTTP))
def test_what_is_not_http_is_refused(lonely: Platform) -> None:
    for data in counted(NOT_HTTP):
        [answer] = exchange(lonely.port, data)
        refused(answer.status, answer.body)
        assert answer.headers["connection"] == "close"
    alive(lonely)


@ROUTES
@proof("bodies at their limit", 6)
def test_a_body_may_be_as_long_as_its_limit_and_no_longer(narrow: Platform, route: Route) -> None:
    limit: int = getattr(narrow.api.settings, route.limit)
    for length in (limit - 1, limit, limit + 1):
        body = b"{" + b" " * (length - 2) + b"}"
        in_chunks = request(route.method, target(route), b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n", chunked(body))
        for data in counted([request(route.method, target(route), sized(body), body), in_chunks]):
            [answer] = exchange(narrow.port, data)
            early = route.streamed and data is in_chunks  # other things may be wrong before the last byte has come
            assert early or (answer.status == 413) == (length > limit), (answer.status, length)
            check(route, [answer])


def test_a_refused_body_that_has_come_is_not_waited_for(narrow: Platform) -> None:
    body = chunked(b" " * 4_000)
    with connected(narrow.port) as connection:
        connection.sendall(request("POST", CONVERSATION, b"Transfer-Encoding: chunked\r\n", body))
        connection.settimeout(DISCARDING_SECONDS / 2)
        [answer] = replies(read_all(connection))
    assert answer.status == 413


@ROUTES
def test_a_body_nobody_reads_changes_nothing(lonely: Platform, route: Route) -> None:
    if {"body", "incoming"} & route.handler.__annotations__.keys():
        return
    exchange(lonely.port, request(route.method, target(route)))  # what other tests left there is deleted once
    [plain] = exchange(lonely.port, request(route.method, target(route)))
    for headers, body in ((sized(BODY), BODY), (b"Transfer-Encoding: chunked\r\n", chunked(BODY))):
        [answer] = exchange(lonely.port, request(route.method, target(route), headers, body))
        assert answer.status == plain.status


@ROUTES
@proof("requests that are cut off", 40)
def test_half_a_request_harms_nobody(lonely: Platform, route: Route) -> None:
    whole = asked(route)
    for place in counted(range(40)):
        with connected(lonely.port) as connection:
            connection.sendall(whole[: 1 + place * len(whole) // 40])
            if place % 2:
                reset(connection)
    alive(lonely)


@ROUTES
def test_requests_in_one_packet_are_answered_in_order(lonely: Platform, route: Route) -> None:
    first = asked(route).replace(b"Connection: close\r\n", b"")
    answers = exchange(lonely.port, first + first + request("GET", "/healthz"))
    gone = 404 if route.method == "DELETE" else answers[0].status  # what the first one deleted is not there for the second
    assert answers[1].status in (answers[0].status, gone)
    assert answers[2].body == b'{"status":"ok"}'
    assert len(answers) == 3


def test_bytes_that_are_no_request_do_not_become_part_of_an_answer(platform: Platform) -> None:
    body = b'{"model": "slow", "provider": "scenario", "messages": [{"role": "user", "content": "x"}]}'
    with connected(platform.port) as connection:
        connection.sendall(request("POST", CONVERSATION + "?framing=ndjson", sized(body), body, last=False))
        begun = connection.recv(65536)
        connection.sendall(b"\x00 nonsense\r\n\r\n")
        rest = read_all(connection)
    assert begun.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1" not in rest


def test_a_head_without_end_is_refused(lonely: Platform) -> None:
    [answer] = exchange(lonely.port, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200_000)
    refused(answer.status, answer.body)
    assert answer.status == 413


class HastyProtocol(Protocol):
    """Wait a twentieth of a second for a head."""

    head_seconds = 0.05


class HastyPlatform(Platform):
    """Do not wait for heads."""

    protocol = HastyProtocol


WHOLE = request("GET", "/healthz", last=False)


@pytest.mark.parametrize(("begun", "statuses"), [(b"", []), (WHOLE[:20], [408]), (WHOLE + WHOLE[:1], [200, 408])])
def test_a_head_that_never_ends_is_not_waited_for(tmp_path: Path, begun: bytes, statuses: list[int]) -> None:
    with HastyPlatform(tmp_path) as server:
        assert [answer.status for answer in exchange(server.port, begun)] == statuses


def test_nor_is_a_later_head_on_the_same_connection(tmp_path: Path) -> None:
    with HastyPlatform(tmp_path) as server, connected(server.port) as connection:
        connection.sendall(WHOLE)
        read_until(connection, b"}")
        connection.sendall(WHOLE[:20])
        assert [answer.status for answer in replies(read_all(connection))] == [408]
