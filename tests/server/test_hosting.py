"""Hosting: what is reported at the start, and how the server stops."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from g4f.db.models import Run
from g4f.db.session import Database
from g4f.gui import get_gui_app
from g4f.gui.server.app import create_app
from g4f.gui.server.hosting import Server, bridge, configuration, report
from tests.servers.flood import FloodServer
from tests.servers.openai import OpenaiServer
from tests.servers.platform import CONVERSATION, Platform, question


def reported(data: Path, **settings: Any) -> dict[str, str]:
    """Return the five lines, by their names."""
    api = create_app({"data_dir": str(data), "ollama": False, **settings}).extensions["g4f"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        lines = report(api, listener).splitlines()[1:]
    return dict(line.split(maxsplit=1) for line in lines)


def test_the_storage_line_tells_sqlite_from_postgresql(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'other.sqlite'}"
    assert reported(tmp_path, database_url=address)["storage"] == f"SQLite, {tmp_path / 'other.sqlite'}"
    assert reported(tmp_path)["storage"] == f"SQLite, {tmp_path / 'g4f.sqlite'}"
    assert reported(tmp_path, database_url="postgresql://me:hunter2@db.example/g4f")["storage"] == "PostgreSQL"


def test_the_keys_line_names_each_provider_that_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-never-shown")
    servers = {"one": {"base_url": "http://127.0.0.1:9/v1", "api_key": "sk-one"}, "two": {"base_url": "http://127.0.0.1:9/v1"}}
    keys = reported(tmp_path, servers=servers)["keys"].split(", ")
    assert "one" in keys
    assert "OpenaiChat" in keys
    assert "two" not in keys


def test_the_providers_line_names_a_server_that_has_yet_to_list_its_models(tmp_path: Path) -> None:
    assert reported(tmp_path, servers={"one": {"base_url": "http://127.0.0.1:9/v1"}})["providers"] == "one"
    assert reported(tmp_path)["providers"].startswith("Offline only")


def test_a_server_that_stops_ends_what_is_too_slow_as_interrupted(
    tmp_path: Path, upstream: OpenaiServer, caplog: pytest.LogCaptureFixture
) -> None:
    servers = {"s": {"base_url": upstream.base_url, "models": ["stall"]}}
    app = create_app({"data_dir": str(tmp_path), "ollama": False, "stop_timeout": 1, "servers": servers})
    api, listener = app.extensions["g4f"], socket.create_server(("127.0.0.1", 0))
    server = Server(configuration(bridge(app, api)), api)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    wait_until(lambda: server.started)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with requests.post(url + CONVERSATION, json=question(provider="s", model="stall"), stream=True, timeout=20) as answer:
        lines = answer.iter_lines()
        assert b"stall" in next(lines)
        server.handle_exit(signal.SIGTERM, None)
        wait_until(lambda: not api.ready)
        assert requests.get(f"{url}/readyz", timeout=20).status_code == 503
        assert requests.post(url + CONVERSATION, json=question(), timeout=20).status_code == 503
        assert b'"reason":"interrupted"' in [*lines][-2]
    thread.join(20)
    api.close()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_an_answer_that_nobody_reads_is_interrupted_when_the_server_stops(tmp_path: Path) -> None:
    with FloodServer(2_000_000) as upstream, Platform(tmp_path, servers={"s": {"base_url": upstream.base_url}}) as server:
        with requests.post(server.base_url + CONVERSATION, json=question(provider="s", model="x"), stream=True, timeout=20):
            time.sleep(1)  # until the connection is full and the answer waits
            server.api.interrupt()
            wait_until(lambda: not server.api.running)
        server.api.flush()
        with Database(server.api.settings.database_address).read() as connection:
            assert connection.scalar(select(Run.state)) == "interrupted"


@pytest.mark.parametrize(("length", "kept"), [(100, 1), (10_000, 0)])
def test_long_paths_are_not_remembered(tmp_path: Path, length: int, kept: int) -> None:
    app = create_app({"data_dir": str(tmp_path), "ollama": False})
    lookup = bridge(app, app.extensions["g4f"])._lookup  # noqa: SLF001  what is kept shows nowhere else
    path = "/" + "x" * length
    before = sys.getrefcount(path)
    assert lookup("GET", path) is None
    assert sys.getrefcount(path) - before == kept


def wait_until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_app_of_a_gpt4free_program_tells_what_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("G4F_DATA_DIR", str(tmp_path))
    app: Any = get_gui_app(demo=True, timeout=5)
    assert (app.demo, app.timeout, app.stream_timeout) == (True, 5, None)
