"""One app, four hostings: the same bytes under the bridge, a WSGI server, ``flask run`` and the test client."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
import requests
import waitress.server

from g4f.gui.server.app import create_app
from tests.servers.openai import OpenaiServer
from tests.servers.platform import CONVERSATION, Platform, question

DEAD = "http://127.0.0.1:9/v1"
VARYING = re.compile(rb'"request_id": ?"\w+"|"\}\n+(event: content\ndata: )?\{"type":"content","content":"')
"""The request's name, and where a text is cut: that depends on which tokens came together."""
OF_THE_SERVER = {"connection", "content-length", "date", "server", "transfer-encoding", "x-request-id"}
LIMIT = 3000
LONG = question("x" * LIMIT)


@dataclass(frozen=True)
class Asked:
    """One request; ``in_chunks`` does not say how long its body is."""

    method: str
    path: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    in_chunks: bool = False

    @property
    def sent(self) -> dict[str, Any]:
        data = json.dumps(self.body).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        return {"data": (iter([data]) if self.in_chunks else data) if self.body else None, "headers": headers}


REQUESTS: dict[str, Asked] = {
    "version": Asked("GET", "/backend-api/v2/version"),
    "models": Asked("GET", "/backend-api/v2/models"),
    "providers": Asked("GET", "/backend-api/v2/providers"),
    "models of one": Asked("GET", "/backend-api/v2/models/scenario"),
    "a provider that fails": Asked("GET", "/backend-api/v2/models/dead"),
    "lines": Asked("POST", f"{CONVERSATION}?framing=ndjson", question(model="escape", provider="scenario")),
    "words": Asked("POST", f"{CONVERSATION}?framing=ndjson", question(model="paced-12", provider="scenario")),
    "words as events": Asked("POST", f"{CONVERSATION}?framing=sse", question(model="paced-12", provider="scenario")),
    "events": Asked("POST", f"{CONVERSATION}?framing=sse", question(model="reasoning", provider="scenario")),
    "text": Asked("POST", f"{CONVERSATION}?framing=text", question(model="plain", provider="scenario")),
    "text that fails": Asked("POST", f"{CONVERSATION}?framing=text", question(model="fail-402", provider="scenario")),
    "refused": Asked("POST", CONVERSATION, {"messages": 1}),
    "nowhere": Asked("GET", "/nowhere"),
    "method": Asked("DELETE", CONVERSATION),
    "too long": Asked("POST", CONVERSATION, LONG),
    "too long, in chunks": Asked("POST", CONVERSATION, LONG, in_chunks=True),
    "too long for a wrong query": Asked("POST", f"{CONVERSATION}?framing=7", LONG),
    "too long where nobody reads": Asked("GET", "/healthz", LONG),
    "too long for another host": Asked("POST", CONVERSATION, LONG, {"Host": "evil.example"}),
    "too long from another page": Asked("POST", CONVERSATION, LONG, {"Origin": "http://evil.example"}),
    "too long from elsewhere": Asked("POST", CONVERSATION, LONG, {"X-Real-Ip": "203.0.113.9"}),
    "too long for nowhere": Asked("POST", "/nowhere", LONG),
    "too long for a method": Asked("DELETE", CONVERSATION, LONG),
}
STATUSES = {
    "too long": 413,
    "too long, in chunks": 413,
    "too long for a wrong query": 413,
    "too long where nobody reads": 413,
    "too long for another host": 421,
    "too long from another page": 403,
    "too long from elsewhere": 401,
    "too long for nowhere": 404,
    "too long for a method": 405,
}
Answers = dict[str, tuple[int, dict[str, str], bytes]]


def settings(upstream: OpenaiServer) -> dict[str, object]:
    servers = {"scenario": {"base_url": upstream.base_url, "models": ["plain"]}, "dead": {"base_url": DEAD}}
    return {"ollama": False, "servers": servers, "conversation_limit": LIMIT, "json_limit": LIMIT}


def comparable(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Return an answer without what differs each time or belongs to the server alone."""
    kept = {name.lower(): value for name, value in headers}
    assert kept["x-request-id"]
    return status, {name: value for name, value in kept.items() if name not in OF_THE_SERVER}, VARYING.sub(b"", body)


def ask_all(base_url: str) -> Answers:
    """Return the answer to every request."""
    answers: Answers = {}
    for name, asked in REQUESTS.items():
        answer = requests.request(asked.method, base_url + asked.path, timeout=20, **asked.sent)
        answers[name] = comparable(answer.status_code, answer.headers.items(), answer.content)
    return answers


def under_the_bridge(data: Path, upstream: OpenaiServer) -> Answers:
    with Platform(data, **settings(upstream)) as platform:
        return ask_all(platform.base_url)


@contextmanager
def under_waitress(data: Path, upstream: OpenaiServer) -> Iterator[str]:
    app: WSGIApplication = create_app({"data_dir": str(data), **settings(upstream)})
    server = waitress.server.create_server(app, host="127.0.0.1", port=0, threads=4)

    def run() -> None:
        with suppress(OSError):  # closing takes the socket away from under its select
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


@contextmanager
def under_flask_run(data: Path, upstream: OpenaiServer) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {**os.environ, "G4F_DATA_DIR": str(data), "G4F_OLLAMA": "false"}
    environ |= {"G4F_SERVERS__SCENARIO__BASE_URL": upstream.base_url, "G4F_SERVERS__SCENARIO__MODELS": "plain"}
    environ |= {"G4F_SERVERS__DEAD__BASE_URL": DEAD, "G4F_CONVERSATION_LIMIT": str(LIMIT), "G4F_JSON_LIMIT": str(LIMIT)}
    command = [sys.executable, "-m", "flask", "--app", "g4f.gui.server.app:create_app", "run", "--port", str(port)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on port {port}")


@pytest.mark.parametrize("hosting", [under_waitress, under_flask_run])
def test_another_server_gives_the_same_bytes_as_the_bridge(tmp_path: Path, upstream: OpenaiServer, hosting: Callable[..., object]) -> None:
    expected = under_the_bridge(tmp_path / "bridge", upstream)
    with hosting(tmp_path / "other", upstream) as base_url:  # type: ignore[attr-defined]
        assert ask_all(base_url) == expected


def test_the_test_client_gives_the_same_bytes_as_the_bridge(tmp_path: Path, upstream: OpenaiServer) -> None:
    expected = under_the_bridge(tmp_path / "bridge", upstream)
    app = create_app({"data_dir": str(tmp_path / "client"), **settings(upstream)})
    answers: Answers = {}
    for name, asked in REQUESTS.items():
        sent = {**asked.sent, "data": json.dumps(asked.body) if asked.body else None}  # it cannot send chunks
        answer = app.test_client().open(asked.path, method=asked.method, environ_base={"REMOTE_ADDR": "127.0.0.1"}, **sent)
        answers[name] = comparable(answer.status_code, answer.headers.items(), answer.data)
    app.extensions["g4f"].close()
    assert answers == expected


def test_whoever_asks_for_the_head_of_a_stream_gets_no_body(tmp_path: Path, upstream: OpenaiServer) -> None:
    with under_waitress(tmp_path, upstream) as base_url:
        answer = requests.head(f"{base_url}/backend-api/v2/create?prompt=Hi&model=many-9999&provider=scenario", timeout=20)
        assert (answer.status_code, answer.content) == (200, b"")
        assert upstream.call().wait(10).aborted_at is not None


def test_a_body_that_is_too_long_is_refused_after_whoever_may_not_send_it(tmp_path: Path, upstream: OpenaiServer) -> None:
    answers = under_the_bridge(tmp_path / "bridge", upstream)
    assert {name: answers[name][0] for name in STATUSES} == STATUSES


def test_a_reader_who_leaves_a_wsgi_server_ends_the_upstream_call(tmp_path: Path, upstream: OpenaiServer) -> None:
    with under_waitress(tmp_path, upstream) as base_url:
        with requests.post(
            base_url + CONVERSATION, json=question(model="many-9999", provider="scenario"), stream=True, timeout=10
        ) as answer:
            lines = answer.iter_lines()
            assert b"scenario" in next(lines)
            call = upstream.call()
        assert call.wait(10).aborted_at is not None
