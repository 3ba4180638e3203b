"""The protocol: old clients, upgrades nobody follows, and which writes leave together."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from g4f.gui.server.protocol import Protocol
from tests.server.test_bridge import ask, settled
from tests.servers import transcripts
from tests.servers.odd import OddPlatform
from tests.servers.openai import OpenaiServer
from tests.servers.platform import CONVERSATION, Platform, question, said
from tests.servers.raw import chunked, connected, exchange, read_all, read_until, refused, replies, request, shaped, sized

HEALTH = request("GET", "/healthz", last=False)
HEALTHY = b'{"status":"ok"}'
QUESTION = json.dumps(question(model="plain", provider="scenario")).encode()
ASKED = f"{CONVERSATION}?framing=ndjson"
UPGRADES = pytest.mark.parametrize(
    "upgrade",
    [
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
        b"Connection: upgrade\r\nUpgrade: websocket\r\n",
    ],
)


def text_of(body: bytes) -> str:
    return said([json.loads(line) for line in body.splitlines()])


def test_a_client_of_http_1_0_gets_a_stream_without_chunks(platform: Platform) -> None:
    asked = request("POST", ASKED, sized(QUESTION), QUESTION).replace(b"HTTP/1.1", b"HTTP/1.0")
    with connected(platform.port) as connection:
        connection.sendall(asked.replace(b"Connection: close\r\n", b""))
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert b"connection: close" in head.lower()
    assert text_of(body) == "".join(transcripts.PLAIN)


def test_a_client_of_http_1_0_gets_no_chunks_of_what_comes_word_by_word(platform: Platform) -> None:
    body = json.dumps(question(model="paced-12", provider="scenario")).encode()
    asked = request("POST", ASKED, sized(body), body).replace(b"HTTP/1.1", b"HTTP/1.0")
    with connected(platform.port) as connection:
        connection.sendall(asked.replace(b"Connection: close\r\n", b""))
        assert text_of(read_all(connection).partition(b"\r\n\r\n")[2]) == "".join(f"{number} " for number in range(12))


def test_a_client_of_http_1_0_gets_the_length_where_it_is_known(lonely: Platform) -> None:
    [answer] = exchange(lonely.port, HEALTH.replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert (answer.headers["content-length"], answer.body) == (str(len(HEALTHY)), HEALTHY)


@pytest.mark.parametrize(("version", "status"), [("1.0", 200), ("1.1", 400)])
def test_a_request_without_a_host_is_one_of_http_1_0_or_refused(lonely: Platform, version: str, status: int) -> None:
    [answer] = exchange(lonely.port, f"GET /healthz HTTP/{version}\r\nConnection: close\r\n\r\n".encode())
    assert answer.status == status
    assert (b'"param":"Host"' in answer.body) == (status == 400)


@UPGRADES
@pytest.mark.parametrize("in_chunks", [False, True])
def test_an_upgrade_is_ignored_and_the_body_read(platform: Platform, upgrade: bytes, in_chunks: bool) -> None:
    headers = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n" if in_chunks else sized(QUESTION)
    body = chunked(QUESTION) if in_chunks else QUESTION
    asked = request("POST", ASKED, headers + upgrade, body, last=False)
    first, second, third = exchange(platform.port, asked + asked + request("GET", "/healthz"))
    assert text_of(first.body) == text_of(second.body) == "".join(transcripts.PLAIN)
    assert third.body == HEALTHY


def test_an_upgrade_is_ignored_wherever_the_request_is_cut(lonely: Platform) -> None:
    headers = b"Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n"
    asked = request("POST", CONVERSATION, headers, b"{}", last=False)
    for place in range(1, len(asked)):
        with connected(lonely.port) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(asked[:place])
            connection.sendall(asked[place:])
            [answer] = replies(read_all(connection))
        assert b"at least one message" in answer.body


def test_what_is_sent_as_the_body_of_an_upgrade_is_never_a_request(lonely: Platform) -> None:
    hidden = request("GET", "/healthz")
    upgrade = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    answers = exchange(lonely.port, request("POST", CONVERSATION, upgrade + sized(hidden), hidden, last=False) + hidden)
    assert [answer.status for answer in answers] == [400, 200]


def test_a_body_that_begins_in_the_packet_of_its_head_is_whole(platform: Platform) -> None:
    with connected(platform.port) as connection:
        connection.sendall(request("POST", ASKED, sized(QUESTION), QUESTION[:20]))
        time.sleep(0.05)
        connection.sendall(QUESTION[20:])
        [answer] = replies(read_all(connection))
    assert text_of(answer.body) == "".join(transcripts.PLAIN)


@pytest.mark.parametrize("target", ["localhost:1", "/healthz", "http://localhost/healthz"])
def test_no_tunnel_is_opened(lonely: Platform, target: str) -> None:
    [answer] = exchange(lonely.port, request("CONNECT", target, last=False) + HEALTH)
    refused(answer.status, answer.body)


def test_a_refusal_of_what_is_not_http_carries_the_headers_of_every_answer(lonely: Platform) -> None:
    [answer] = exchange(lonely.port, b"nothing\r\n\r\n")
    expected = lonely.get("/nowhere").headers
    shaped(answer.body)
    assert {name.lower() for name in expected} - {"date"} <= answer.headers.keys()
    assert answer.headers["content-security-policy"] == expected["Content-Security-Policy"]
    assert json.loads(answer.body)["error"]["request_id"] == answer.headers["x-request-id"]


def test_a_body_that_is_announced_too_long_is_refused_before_it_is_sent(narrow: Platform) -> None:
    head = request("POST", CONVERSATION, b"Content-Type: application/json\r\nContent-Length: 9999\r\nExpect: 100-continue\r\n")
    with connected(narrow.port) as connection:
        connection.sendall(head)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


class PatientProtocol(Protocol):
    """Hold a head for longer than any test waits."""

    hold_seconds = 600


class PatientPlatform(Platform):
    """Be as patient."""

    protocol = PatientProtocol


class PatientOddPlatform(OddPlatform):
    """Be both."""

    protocol = PatientProtocol


@pytest.fixture
def patient(tmp_path: Path, upstream: OpenaiServer) -> Iterator[Platform]:
    """The platform, where what is held leaves only when something sends it."""
    with PatientPlatform(tmp_path / "data", servers={"scenario": {"base_url": upstream.base_url, "models": ["plain"]}}) as server:
        yield server


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[OddPlatform]:
    """The odd server, as patient."""
    with PatientOddPlatform(tmp_path) as server:
        yield server


def test_head_announcement_and_first_token_leave_together(patient: Platform) -> None:
    with connected(patient.port) as connection:
        connection.sendall(ask("slow"))
        first = connection.recv(65536)
        assert first.startswith(b"HTTP/1.1 200")
        assert b'"type":"provider"' in first
        assert b'"type":"content"' in first
        assert b'"type":"finish"' not in first


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_whole_answer_leaves_at_once(patient: Platform, method: str) -> None:
    with connected(patient.port) as connection:
        for _ in range(3):
            connection.sendall(request(method, "/healthz", last=False))
            read_until(connection, b"\r\n\r\n" if method == "HEAD" else b"}")


def test_answers_to_requests_in_one_packet_leave_whole_and_in_order(patient: Platform) -> None:
    asked = ask("plain").replace(b"Connection: close\r\n", b"")
    stream, healthy, last = exchange(patient.port, asked + HEALTH + ask("plain"))
    assert text_of(stream.body) == text_of(last.body) == "".join(transcripts.PLAIN)
    assert healthy.body == HEALTHY


def test_a_stream_that_breaks_sends_what_it_had(odd: OddPlatform) -> None:
    with connected(odd.port) as connection:
        connection.sendall(request("GET", "/stream_and_break"))
        assert b'"content":"word"' in read_all(connection)


def test_a_client_that_sends_no_more_gets_what_was_held(odd: OddPlatform) -> None:
    with connected(odd.port) as connection:
        connection.sendall(request("GET", "/stream_endlessly"))
        assert settled(lambda: odd.log.begun) == 1
        connection.shutdown(socket.SHUT_WR)
        assert b'"content":"word"' in read_all(connection)


def test_a_client_that_asks_first_whether_to_send_its_body_is_told_at_once(patient: Platform) -> None:
    with connected(patient.port) as connection:
        connection.sendall(request("POST", ASKED, sized(QUESTION) + b"Expect: 100-continue\r\n"))
        read_until(connection, b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(QUESTION)
        [answer] = replies(read_all(connection))
    assert text_of(answer.body) == "".join(transcripts.PLAIN)
