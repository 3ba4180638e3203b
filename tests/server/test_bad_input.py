"""Bad input: a 4xx in the one error shape, nothing parsed that is too large, and the same process afterwards."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest

from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.routing import Route, signature_of
from tests.proofs import counted, proof
from tests.servers.platform import CONVERSATION, Platform, question
from tests.servers.raw import refused, shaped

BODIES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "array": b"[]",
    "text": b'"x"',
    "number": b"9223372036854775808",
    "not a number": b'{"model": NaN}',
    "infinity": b'{"model": Infinity}',
    "overflow": b'{"seed": 1e999}',
    "deep array": b'{"messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep object": b'{"a": ' * 100_000 + b"1" + b"}" * 100_000,
    "depth 66": b'{"extra": ' + b"[" * 65 + b"]" * 65 + b"}",
    "lone surrogate": b'{"model": "\\ud800"}',
    "not utf-8": b'{"model": "\xff"}',
    "utf-16": '{"model": "x"}'.encode("utf-16"),
    "two to the 63": b'{"seed": 9223372036854775808, "messages": [{"role": "user", "content": "x"}]}',
    "long integer": b'{"seed": ' + b"9" * 5000 + b"}",
    "trailing comma": b'{"model": "x",}',
    "comment": b'{"model": "x" /* */}',
    "trailing text": b'{"model": "x"} x',
}
FIELDS = [
    "messages",
    "model",
    "provider",
    "prompt",
    "id",
    "conversation",
    "api_key",
    "base_url",
    "ignored",
    "media",
    "debug_mode",
    "stream",
    "meta",
]
VALUES = [True, 1.5, -1, 2**63, "\r\nx", ["x"] * 3, {"a": {}}, [[]], "x" * 3000]


@contextmanager
def connected(platform: Platform) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", platform.port, timeout=30)) as connection:
        yield connection


def send(platform: Platform, method: str, path: str, body: bytes = b"", content_type: str = "application/json") -> tuple[int, bytes]:
    with connected(platform) as connection:
        connection.request(method, path, body, {"Content-Type": content_type})
        answer = connection.getresponse()
        return answer.status, answer.read()


def begin(connection: http.client.HTTPConnection, header: str, value: str, **more: str) -> None:
    """Send the head of a conversation request."""
    connection.putrequest("POST", CONVERSATION)
    connection.putheader("Content-Type", "application/json")
    for name, text in {header: value, **more}.items():
        connection.putheader(name, text)
    connection.endheaders()


def readers() -> Iterator[Route]:
    """Yield the rows whose handlers read a body."""
    yield from (route for route in Backend_Api.table if "body" in route.handler.__annotations__)


@pytest.mark.parametrize("route", [*readers()], ids=lambda route: route.path)
@proof("bodies that cannot be meant", len(BODIES))
def test_a_body_that_cannot_be_meant_is_refused(lonely: Platform, route: Route) -> None:
    for name, body in counted(BODIES.items()):
        status, answer = send(lonely, route.method, route.path, body)
        assert status in (400, 422), name
        refused(status, answer)


@pytest.mark.parametrize("route", Backend_Api.table, ids=lambda route: route.endpoint)
@proof("such bodies where nobody reads them", len(BODIES))
def test_a_body_that_cannot_be_meant_never_breaks_a_row(lonely: Platform, route: Route) -> None:
    for name, body in counted(BODIES.items()):
        status, answer = send(lonely, route.method, re.sub(r"<[^>]+>", "x", route.path), body)
        assert status < 500 or (status == 501 and signature_of(route.handler).returns is type(None)), name
        if status >= 400:
            shaped(answer)


@pytest.mark.parametrize("field", FIELDS)
@proof("values of the wrong type", len(VALUES))
def test_a_value_of_the_wrong_type_is_refused_or_meant(lonely: Platform, field: str) -> None:
    for value in counted(VALUES):
        status, body = send(lonely, "POST", CONVERSATION, json.dumps({**question(), field: value}).encode())
        assert status < 500, (field, value, body)
        if status != 200:
            refused(status, body)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b"])
@pytest.mark.parametrize("field", ["id", "conversation_id", "model", "provider"])
def test_line_ends_in_ids_are_refused(lonely: Platform, field: str, value: str) -> None:
    refused(*send(lonely, "POST", CONVERSATION, json.dumps({**question(), field: value}).encode()))


@pytest.mark.parametrize("route", [*readers()], ids=lambda route: route.path)
def test_a_body_one_byte_over_the_limit_is_refused_before_it_is_parsed(lonely: Platform, route: Route) -> None:
    limit = getattr(lonely.api.settings, route.limit)
    status, body = send(lonely, route.method, route.path, b"{" + b" " * limit)
    refused(status, body)
    assert status == 413
    status, _ = send(lonely, route.method, route.path, b"{" + b" " * (limit - 2) + b"}")
    assert status != 413


def test_a_body_without_length_is_stopped_at_the_limit(lonely: Platform) -> None:
    limit, block = lonely.api.settings.conversation_limit, b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with connected(lonely) as connection:
        begin(connection, "Transfer-Encoding", "chunked")
        with suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(limit // 0x10000 + 1):
                connection.send(block)
        assert connection.getresponse().status == 413


@pytest.mark.parametrize("route", [*readers()], ids=lambda route: route.path)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "image/png", "", "multipart/form-data", "application/x-www-form-urlencoded"]
)
def test_another_content_type_is_refused(lonely: Platform, route: Route, kind: str) -> None:
    status, body = send(lonely, route.method, route.path, b"{}", kind)
    refused(status, body)
    assert status in (400, 415)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/backend-api/v2/nothing", "/dist/../../setup.py", "/dist/%2e%2e/index.html", "/dist/.stamp", "/dist/%00"]
)
def test_a_path_that_leads_nowhere_is_404(lonely: Platform, path: str) -> None:
    status, body = send(lonely, "GET", path)
    refused(status, body)
    assert status == 404


def test_a_message_never_repeats_more_than_64_characters_of_input(lonely: Platform) -> None:
    for field in ("provider", "framing"):
        status, body = send(lonely, "POST", f"{CONVERSATION}?framing=", json.dumps({**question(), field: "y" * 500}).encode())
        assert b"y" * 65 not in body, (field, status)


def test_fifty_slow_uploads_hold_nobody_up(lonely: Platform) -> None:
    with ExitStack() as stack:
        uploads = [stack.enter_context(connected(lonely)) for _ in range(50)]
        for upload in uploads:
            begin(upload, "Content-Length", "1000")
            upload.send(b"{")
        assert lonely.get("/backend-api/v2/version").status_code == 200
        for upload in uploads:
            upload.send(b'"')
        assert lonely.get("/backend-api/v2/version").status_code == 200


def test_fifty_hanging_model_lists_hold_nobody_up(platform: Platform) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as hanging, ExitStack() as stack:
        headers = {"x-api-base": f"http://127.0.0.1:{hanging.getsockname()[1]}/v1"}
        for _ in range(50):
            stack.enter_context(connected(platform)).request("GET", "/backend-api/v2/models/Custom", headers=headers)
        accepted = [stack.enter_context(closing(hanging.accept()[0])) for _ in range(50)]
        assert len(accepted) == 50
        assert platform.get("/backend-api/v2/version").status_code == 200


def test_a_body_that_stops_coming_is_408(tmp_path: Path) -> None:
    with Platform(tmp_path, body_idle_timeout=0.2) as server, connected(server) as connection:
        begin(connection, "Content-Length", "10")
        connection.send(b"{")
        answer = connection.getresponse()
        refused(answer.status, answer.read())
        assert answer.status == 408
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-Id"]


def test_whoever_may_not_send_a_body_is_told_so_before_that_it_stops_coming(tmp_path: Path) -> None:
    with Platform(tmp_path, body_idle_timeout=0.2) as server, connected(server) as connection:
        begin(connection, "Content-Length", "10", Origin="http://evil.example")
        connection.send(b"{")
        assert connection.getresponse().status == 403
