"""One app, four hostings: the same bytes under the bridge, a WSGI server, ``flask run`` and the test client."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from wsgiref.types import WSGIApplication

import pytest
import requests
import waitress.server

from g4f.gui.server.app import create_app
from tests.servers.openai import OpenaiServer
from tests.servers.platform import CONVERSATION, Platform, question

DEAD = "http://127.0.0.1:9/v1"
VARYING = re.compile(rb'"request_id": ?"\w+"')
REQUESTS: dict[str, tuple[str, str, dict[str, object] | None]] = {
    "version": ("GET", "/backend-api/v2/version", None),
    "models": ("GET", "/backend-api/v2/models", None),
    "providers": ("GET", "/backend-api/v2/providers", None),
    "models of one": ("GET", "/backend-api/v2/models/scenario", None),
    "a provider that fails": ("GET", "/backend-api/v2/models/dead", None),
    "lines": ("POST", f"{CONVERSATION}?framing=ndjson", question(model="escape", provider="scenario")),
    "events": ("POST", f"{CONVERSATION}?framing=sse", question(model="reasoning", provider="scenario")),
    "text": ("POST", f"{CONVERSATION}?framing=text", question(model="plain", provider="scenario")),
    "text that fails": ("POST", f"{CONVERSATION}?framing=text", question(model="fail-402", provider="scenario")),
    "refused": ("POST", CONVERSATION, {"messages": 1}),
    "nowhere": ("GET", "/nowhere", None),
    "method": ("DELETE", CONVERSATION, None),
}
Answers = dict[str, tuple[int, str | None, bytes]]


def settings(data: Path, upstream: OpenaiServer) -> dict[str, object]:
    servers = {"scenario": {"base_url": upstream.base_url, "models": ["plain"]}, "dead": {"base_url": DEAD}}
    return {"data_dir": str(data), "ollama": False, "servers": servers}


def ask_all(base_url: str) -> Answers:
    """Return status, content type and bytes for every request, without what differs each time."""
    answers: Answers = {}
    for name, (method, path, body) in REQUESTS.items():
        answer = requests.request(method, base_url + path, json=body, timeout=20)
        answers[name] = (answer.status_code, answer.headers.get("Content-Type"), VARYING.sub(b"", answer.content))
    return answers


@contextmanager
def under_waitress(data: Path, upstream: OpenaiServer) -> Iterator[str]:
    app: WSGIApplication = create_app(settings(data, upstream))
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
    environ |= {"G4F_SERVERS__DEAD__BASE_URL": DEAD}
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
    with Platform(**settings(tmp_path / "bridge", upstream)) as platform:  # type: ignore[arg-type]
        expected = ask_all(platform.base_url)
    with hosting(tmp_path / "other", upstream) as base_url:  # type: ignore[attr-defined]
        assert ask_all(base_url) == expected


def test_the_test_client_gives_the_same_bytes_as_the_bridge(tmp_path: Path, upstream: OpenaiServer) -> None:
    with Platform(**settings(tmp_path / "bridge", upstream)) as platform:  # type: ignore[arg-type]
        expected = ask_all(platform.base_url)
    app = create_app(settings(tmp_path / "client", upstream))
    answers: Answers = {}
    for name, (method, path, body) in REQUESTS.items():
        answer = app.test_client().open(path, method=method, json=body, environ_base={"REMOTE_ADDR": "127.0.0.1"})
        answers[name] = (answer.status_code, answer.headers.get("Content-Type"), VARYING.sub(b"", answer.data))
    app.extensions["g4f"].close()
    assert answers == expected


def test_a_reader_who_leaves_a_wsgi_server_ends_the_upstream_call(tmp_path: Path, upstream: OpenaiServer) -> None:
    with under_waitress(tmp_path, upstream) as base_url:
        with requests.post(
            base_url + CONVERSATION, json=question(model="many-9999", provider="scenario"), stream=True, timeout=10
        ) as answer:
            lines = answer.iter_lines()
            assert b"scenario" in next(lines)
            call = upstream.call()
        assert call.wait(10).aborted_at is not None
